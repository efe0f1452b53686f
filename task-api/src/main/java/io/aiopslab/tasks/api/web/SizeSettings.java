package io.aiopslab.tasks.api.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How large a request may be. Calls may allow less of their own.
 *
 * @param url path and parameters, as they are sent
 * @param headers names and values together; the web server itself takes twice as much, and answers
 *     400 beyond
 * @param body of any request
 */
@ConfigurationProperties("aiopslab.api.size")
record SizeSettings(
    @DefaultValue("8KB") DataSize url,
    @DefaultValue("16KB") DataSize headers,
    @DefaultValue("64MB") DataSize body) {

  SizeSettings {
    if (url.toBytes() < 512 || headers.toBytes() < 1024 || body.toBytes() < 1024) {
      throw new IllegalArgumentException(
          "aiopslab.api.size.url must be at least 512B, headers and body at least 1KB");
    }
  }

  /**
   * @param serverLimit of the request line and all headers together
   * @throws IllegalArgumentException if the web server would refuse first, with less to say
   */
  void check(DataSize serverLimit) {
    if (serverLimit.toBytes() < url.toBytes() + headers.toBytes()) {
      throw new IllegalArgumentException(
          "server.max-http-request-header-size is %s, less than aiopslab.api.size.url and headers"
                  .formatted(serverLimit)
              + " together: raise it, or lower these");
    }
  }
}
