package io.aiopslab.tasks.api.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Under which names this service is answered. Always under {@code localhost}, the machine's own
 * name and every IP address: a foreign page can have a name of its own lead here, which its browser
 * then says, but not an address.
 *
 * @param allowed further ones, such as {@code tasks.example}, {@code *.svc.cluster.local} for all
 *     that end so, or {@code *} for any name
 */
@ConfigurationProperties("aiopslab.api.hosts")
record HostSettings(@DefaultValue List<String> allowed) {
  private static final Pattern NAME =
      Pattern.compile("\\*|(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.%]+]");
  private static final Set<String> OWN = own();

  HostSettings {
    for (String name : allowed) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "aiopslab.api.hosts.allowed must be names such as tasks.example or *.tasks.example,"
                + " without scheme and port, or * for all, not "
                + name);
      }
    }
    allowed = allowed.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /**
   * @param host without a port
   */
  boolean allows(String host) {
    if (ADDRESS.matcher(host).matches()) {
      return true;
    }
    String name = host.toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return OWN.contains(plain)
        || plain.endsWith(".localhost")
        || allowed.stream().anyMatch(one -> matches(one, plain));
  }

  private static boolean matches(String allowed, String name) {
    return allowed.startsWith("*") ? name.endsWith(allowed.substring(1)) : allowed.equals(name);
  }

  private static Set<String> own() {
    Set<String> names = new TreeSet<>(Set.of("localhost"));
    try {
      String name = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
      names.add(name);
      names.add(name.replaceFirst("\\..*", ""));
    } catch (UnknownHostException e) {
      // A machine without a name is called by its address.
    }
    return names;
  }
}
