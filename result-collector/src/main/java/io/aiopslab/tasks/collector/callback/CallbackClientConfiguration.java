package io.aiopslab.tasks.collector.callback;

import io.aiopslab.tasks.callback.ReachableAddresses;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A client that goes where it is sent and nowhere else, and keeps nothing of it. */
@Configuration(proxyBeanMethods = false)
class CallbackClientConfiguration {

  @Bean
  ReachableAddresses reachableAddresses(CallbackSettings settings) {
    return new ReachableAddresses(settings.allowed());
  }

  /** How names become addresses. */
  @Bean
  DnsResolver callbackLookup() {
    return SystemDefaultDnsResolver.INSTANCE;
  }

  @Bean
  CloseableHttpClient callbackClient(
      DnsResolver lookup, ReachableAddresses reachable, CallbackSettings settings) {
    Timeout deadline = Timeout.of(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
    Timeout connect = Timeout.of(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(new GuardedResolver(lookup, reachable))
                .setMaxConnTotal(settings.concurrency())
                .setMaxConnPerRoute(settings.perHost())
                .setDefaultConnectionConfig(
                    ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setSocketTimeout(deadline)
                        .build())
                .build())
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(deadline)
                .setResponseTimeout(deadline)
                .setProtocolUpgradeEnabled(false)
                .build())
        // Each attempt looks the host up anew.
        .setConnectionReuseStrategy((request, response, context) -> false)
        .setUserAgent("aiopslab-task-service")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }
}
