package io.aiopslab.tasks.api.workers;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The connection on which a request came. Tomcat looks at it only to read or write; a request that
 * waits does neither, so a client that is gone goes unnoticed until it is answered.
 */
final class ClientConnection {
  private static final String ATTRIBUTE = ClientConnection.class.getName();

  /** What Tomcat says is there to be read when reading fails, as at the end of the stream. */
  private static final int END = 1;

  private final org.apache.coyote.Request request;

  private ClientConnection(org.apache.coyote.Request request) {
    this.request = request;
  }

  static ClientConnection of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof ClientConnection connection) {
      return connection;
    }
    throw new IllegalStateException("No valve has noted the connection of this request");
  }

  /**
   * Whether the client has closed it or is gone. One that vanished with its network is not noticed.
   * To be called only while the request waits for its answer, its body read, and by one thread.
   */
  boolean isClosed() {
    request.action(ActionCode.AVAILABLE, true);
    boolean closed = request.getAvailable() == END;
    request.setAvailable(0);
    return closed;
  }

  private static final class Noting extends ValveBase {
    Noting() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      if (request.getRequestURI().endsWith("/claim")) {
        request.setAttribute(ATTRIBUTE, new ClientConnection(request.getCoyoteRequest()));
      }
      getNext().invoke(request, response);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Installation {
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> notedConnections() {
      return factory -> factory.addContextValves(new Noting());
    }
  }
}
