package io.aiopslab.tasks.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.InetAddressFilter;

/** Which addresses callbacks may reach: public ones, and what the operator has listed. */
public final class ReachableAddresses {
  /**
   * Spring Boot's filter lets these pass: IPv4-compatible IPv6, NAT64 of private networks (RFC
   * 8215), segment routing, and the metadata server of Azure, which has a public address.
   */
  private static final InetAddressFilter PUBLIC =
      InetAddressFilter.externalAddresses()
          .andNot("::/96", "64:ff9b:1::/48", "5f00::/16", "168.63.129.16");

  private static final Pattern RANGE = Pattern.compile("[0-9]+(\\.[0-9]+){3}(/[0-9]+)?|.*:.*");
  private static final Pattern NAME =
      Pattern.compile("(?=.*[a-z])[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");

  private static final Pattern NUMBERS = Pattern.compile("[0-9]{1,10}(\\.[0-9]{1,10}){0,3}");

  private final List<InetAddressFilter> ranges = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /**
   * @param allowed private places that may be reached all the same: addresses, CIDR ranges, names
   */
  public ReachableAddresses(List<String> allowed) {
    allowed.forEach(this::allow);
  }

  private void allow(String entry) {
    String place = canonical(entry.trim());
    try {
      if (RANGE.matcher(place).matches()) {
        ranges.add(InetAddressFilter.of(place));
        return;
      }
    } catch (IllegalArgumentException e) {
      throw refusal(entry, e);
    }
    if (!NAME.matcher(place).matches()) {
      throw refusal(entry, null);
    }
    names.add(place);
  }

  private static IllegalArgumentException refusal(String entry, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "aiopslab.callbacks.allowed: '%s' is neither an address, nor a CIDR range such as 10.0.0.0/8, nor a host name without port"
            .formatted(entry),
        cause);
  }

  /**
   * Whether a host is none that is refused whenever it is called: an address, in whatever form, or
   * localhost. Where a name leads is only known when it is called; none is looked up here.
   *
   * @param host of a URL; IPv6 in brackets
   */
  public boolean mayPermit(String host) {
    InetAddress address = literal(canonical(host));
    return address == null || permits(host, address);
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      if (host.equals("localhost") || host.endsWith(".localhost")) {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      }
      if (host.startsWith("[")) {
        return InetAddress.getByName(host.replaceFirst("%[^]]*", ""));
      }
      byte[] four = four(host);
      return four == null ? null : InetAddress.getByAddress(four);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** As the resolver reads numbers: the last one fills what is left, so 127.1 is 127.0.0.1. */
  private static byte @Nullable [] four(String host) {
    if (!NUMBERS.matcher(host).matches()) {
      return null;
    }
    String[] parts = host.split("\\.", -1);
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      int bits = i < parts.length - 1 ? 8 : 8 * (5 - parts.length);
      long part = Long.parseLong(parts[i]);
      if (part >= 1L << bits) {
        return null;
      }
      address = (address << bits) | part;
    }
    return ByteBuffer.allocate(4).putInt((int) address).array();
  }

  public boolean permits(String host, InetAddress address) {
    return PUBLIC.matches(address)
        || names.contains(canonical(host))
        || ranges.stream().anyMatch(range -> range.matches(address));
  }

  private static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
