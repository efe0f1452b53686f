package io.aiopslab.tasks.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReachableAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1"
      })
  void privateAndSpecialAddressesAreRefused(String address) throws Exception {
    assertThat(permits("", "somewhere.example", address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"})
  void publicAddressesAreReached(String address) throws Exception {
    assertThat(permits("", "somewhere.example", address)).isTrue();
  }

  @Test
  void whatIsListedIsReached() throws Exception {
    String allowed = "10.1.0.0/16, fd00::/8,192.168.1.7,Trainer.svc.";
    assertThat(permits(allowed, "a", "10.1.2.3")).isTrue();
    assertThat(permits(allowed, "a", "10.2.0.1")).isFalse();
    assertThat(permits(allowed, "a", "fd12::1")).isTrue();
    assertThat(permits(allowed, "a", "192.168.1.7")).isTrue();
    assertThat(permits(allowed, "a", "192.168.1.8")).isFalse();
    assertThat(permits(allowed, "trainer.SVC", "127.0.0.1")).isTrue();
    assertThat(permits(allowed, "trainer.svc.evil.example", "127.0.0.1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/99", "localhost:8080", "http://trainer", "*.example", "10.0.0"})
  void whatCannotBeMeantIsRefused(String entry) {
    assertThatThrownBy(() -> new ReachableAddresses(List.of(entry)))
        .hasMessageContaining("aiopslab.callbacks.allowed")
        .hasMessageContaining(entry);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1",
        "2130706433",
        "10.0.0.1",
        "0.0.0.0",
        "0",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1%25eth0]",
        "localhost",
        "LocalHost.",
        "api.localhost"
      })
  void aHostThatIsAPrivateAddressIsKnownBeforeItIsCalled(String host) {
    assertThat(reachable("").mayPermit(host)).isFalse();
    assertThat(
            reachable("127.0.0.0/8,10.0.0.0/8,0.0.0.0,169.254.0.0/16,::1,fe80::/10")
                .mayPermit(host))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "134744072",
        "[2606:4700:4700::1111]",
        "trainer.example",
        "nothing.invalid",
        "127.0.0.1.example",
        "localhost.example",
        "256.1.1.1",
        "4294967296",
        "1.2.3.4.5"
      })
  void aHostThatIsAPublicAddressOrANameIsNotRefusedBeforeItIsCalled(String host) {
    assertThat(reachable("").mayPermit(host)).isTrue();
  }

  @Test
  void aListedNameMayBeCalledEvenIfItIsLocal() {
    assertThat(reachable("localhost").mayPermit("localhost")).isTrue();
    assertThat(reachable("localhost").mayPermit("127.0.0.1")).isFalse();
  }

  private static ReachableAddresses reachable(String allowed) {
    return new ReachableAddresses(allowed.isEmpty() ? List.of() : List.of(allowed.split(",")));
  }

  private static boolean permits(String allowed, String host, String address)
      throws UnknownHostException {
    return reachable(allowed).permits(host, InetAddress.getByName(address));
  }
}
