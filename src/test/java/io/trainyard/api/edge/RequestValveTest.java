package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import io.trainyard.predict.Practice;
import io.trainyard.trace.Spans;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.catalina.valves.RemoteIpValve;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/**
 * From whom requests come, on a server whose operator lets Tomcat believe every private address, as
 * {@code server.forward-headers-strategy: native} does.
 */
@Timeout(30)
class RequestValveTest {
  private static final String STRANGER = "127.0.0.2";
  private static final String PRACTISING = "127.0.0.3";

  private final OwnConnections own = new OwnConnections();
  private WebServer server;

  @BeforeEach
  void start() {
    TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
    factory.addEngineValves(
        new RemoteIpValve(),
        new RequestValve(false, new Proxies(new ProxyProperties(List.of())), Spans.OFF, own));
    server = factory.getWebServer(context -> context.addServlet("who", new Who()).addMapping("/*"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  /** Answers with what it takes the request for. */
  private static final class Who extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print(Practice.isOn() ? "practice" : "a caller");
    }
  }

  private String answer(InetSocketAddress from, String forwarded) throws IOException {
    return answer(from, forwarded, "/");
  }

  private String answer(InetSocketAddress from, String forwarded, String path) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setReuseAddress(true);
      socket.bind(from);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
      String request =
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: %s\r\n\r\n"
              .formatted(path, forwarded);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Practice needs no key: nobody may claim to be the process itself. */
  @Test
  void practiceIsOfTheConnectionAndNotOfAHeader() throws IOException {
    try (Socket port = new Socket()) {
      port.bind(new InetSocketAddress(InetAddress.ofLiteral(STRANGER), 0));
      InetSocketAddress stranger = (InetSocketAddress) port.getLocalSocketAddress();
      InetSocketAddress practising =
          new InetSocketAddress(InetAddress.ofLiteral(PRACTISING), stranger.getPort());
      own.addPractice(practising);
      port.close();
      assertThat(answer(stranger, PRACTISING)).endsWith("a caller");
      assertThat(answer(practising, STRANGER)).endsWith("practice");
    }
  }

  /** Practice waits until callers are quiet; a platform asks all the time. */
  @Test
  void neitherPracticeNorProbesAreCallers() throws IOException {
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.ofLiteral(STRANGER), 0);
    for (String path : List.of("/livez", "/readyz", "/v2/health/ready", "/actuator/prometheus")) {
      assertThat(answer(anywhere, "", path)).endsWith("a caller");
    }
    try (Socket port = new Socket()) {
      port.bind(new InetSocketAddress(InetAddress.ofLiteral(PRACTISING), 0));
      InetSocketAddress practising = (InetSocketAddress) port.getLocalSocketAddress();
      own.addPractice(practising);
      port.close();
      assertThat(answer(practising, "")).endsWith("practice");
    }
    assertThat(own.takeCallers()).isFalse();
    assertThat(answer(anywhere, "")).endsWith("a caller");
    assertThat(own.takeCallers()).isTrue();
    assertThat(own.takeCallers()).isFalse();
  }
}
