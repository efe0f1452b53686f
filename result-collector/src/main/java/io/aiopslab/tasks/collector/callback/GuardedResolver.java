package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.callback.ReachableAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.DnsResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a host up and refuses what callbacks may not reach. The client connects to exactly the
 * addresses that passed, so a name that changes between check and connection gains nothing.
 */
final class GuardedResolver implements DnsResolver {
  private static final Logger log = LoggerFactory.getLogger(GuardedResolver.class);

  private final DnsResolver lookup;
  private final ReachableAddresses reachable;

  GuardedResolver(DnsResolver lookup, ReachableAddresses reachable) {
    this.lookup = lookup;
    this.reachable = reachable;
  }

  /**
   * @throws RefusedAddressException if any address of the host may not be reached
   */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = lookup.resolve(host);
    for (InetAddress address : addresses) {
      if (!reachable.permits(host, address)) {
        log.warn("Refused a callback to {}, which is at {}", host, address.getHostAddress());
        throw new RefusedAddressException(host);
      }
    }
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  /** Of a kind that {@link DnsResolver} may throw. */
  static final class RefusedAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1;

    RefusedAddressException(String host) {
      super(host);
    }
  }
}
