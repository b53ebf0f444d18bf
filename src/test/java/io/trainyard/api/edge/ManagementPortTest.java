package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.servlet.autoconfigure.actuate.web.ServletManagementContextAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.ServerPortInfoApplicationContextInitializer;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;

/** A management port of its own is bounded, too: it needs no key. */
@Timeout(60)
@Tag("long")
class ManagementPortTest {
  private static final int STRANGERS = 400;

  @Test
  void strangersCannotFillItWithConnections() {
    new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
        .withConfiguration(
            AutoConfigurations.of(
                TomcatServletWebServerAutoConfiguration.class,
                DispatcherServletAutoConfiguration.class,
                EndpointAutoConfiguration.class,
                WebEndpointAutoConfiguration.class,
                ManagementContextAutoConfiguration.class,
                ServletManagementContextAutoConfiguration.class,
                TomcatServletManagementContextAutoConfiguration.class))
        .withBean(Proxies.class, () -> new Proxies(new ProxyProperties(List.of())))
        .withBean(OwnConnections.class)
        .withBean(EdgeProperties.class, () -> RateCheckedBodyTest.PROPERTIES)
        .withInitializer(new ServerPortInfoApplicationContextInitializer())
        .withPropertyValues("server.port=0", "management.server.port=0")
        .run(
            context -> {
              int port =
                  context.getEnvironment().getRequiredProperty("local.management.port", int.class);
              assertThat(served(port)).isEqualTo(HttpServerProtocol.MOST_OF_MANAGEMENT / 2);
            });
  }

  /** How many of many connections of one address are answered. */
  private static int served(int port) throws IOException {
    List<Socket> open = new ArrayList<>();
    int served = 0;
    try {
      for (int i = 0; i < STRANGERS; i++) {
        open.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      for (Socket socket : open) {
        served += isServed(socket) ? 1 : 0;
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    return served;
  }

  private static boolean isServed(Socket socket) {
    try {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET /none HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == 'H';
    } catch (IOException e) {
      return false; // closed without an answer
    }
  }
}
