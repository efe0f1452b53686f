package io.aiopslab.tasks.collector.callback;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.stereotype.Component;

/** Which addresses callbacks may reach: public ones, and what the operator has listed. */
@Component
final class ReachableAddresses {
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

  private final List<InetAddressFilter> ranges = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  ReachableAddresses(CallbackSettings settings) {
    settings.allowed().forEach(this::allow);
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

  boolean permits(String host, InetAddress address) {
    return PUBLIC.matches(address)
        || names.contains(canonical(host))
        || ranges.stream().anyMatch(range -> range.matches(address));
  }

  private static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
