package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/** Strangers who open connections and send slowly, on a server of its own with 16 places. */
@Timeout(60)
@Tag("long")
class HttpConnectionsTest {
  private static final int PLACES = 16;
  private static final Duration HEAD_TIME = Duration.ofMillis(500);

  /** As long as a busy machine may take to end a late head; without an end it lasts longer. */
  private static final Duration MOST = Duration.ofSeconds(20);

  private static final String STRANGER = "127.0.0.2";
  private static final String PROXY = "127.0.0.3";

  private final OwnConnections own = new OwnConnections();
  private final List<Socket> open = new ArrayList<>();
  private WebServer server;

  @BeforeEach
  void start() {
    server = server(null);
  }

  private WebServer server(@Nullable Ssl ssl) {
    return server(ssl, _ -> {});
  }

  private WebServer server(@Nullable Ssl ssl, TomcatConnectorCustomizer more) {
    TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
    factory.setSsl(ssl);
    factory.setProtocol(HttpServerProtocol.class.getName());
    factory.addConnectorCustomizers(
        connector -> {
          HttpServerProtocol protocol = (HttpServerProtocol) connector.getProtocolHandler();
          protocol.setMaxConnections(PLACES);
          protocol.bound(new Proxies(new ProxyProperties(List.of(PROXY))), own, HEAD_TIME, 2);
        },
        more);
    WebServer made =
        factory.getWebServer(context -> context.addServlet("echo", new Echo()).addMapping("/*"));
    made.start();
    return made;
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    server.stop();
  }

  /** Answers with the length of the body. */
  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print(request.getInputStream().readAllBytes().length + " bytes");
    }
  }

  private Socket connect(String from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
    socket.setSoTimeout((int) MOST.toMillis());
    open.add(socket);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** What comes until the end of the connection. */
  private static String answer(Socket socket) {
    try (InputStream in = socket.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return "";
    }
  }

  private String get(String from) throws IOException {
    Socket socket = connect(from);
    try {
      send(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    } catch (IOException e) {
      return "";
    }
    return answer(socket);
  }

  /** One byte now and then does not help. */
  @ParameterizedTest
  @ValueSource(strings = {"G", "GET / HT", "GET / HTTP/1.1\r\nHost: local"})
  void aHeadHasItsTimeInAll(String begin) throws Exception {
    long start = System.nanoTime();
    Socket socket = connect(STRANGER);
    send(socket, begin);
    try {
      while (System.nanoTime() - start < MOST.toNanos()) {
        Thread.sleep(50);
        send(socket, "a");
      }
    } catch (IOException e) {
      // closed
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    assertThat(time).isBetween(HEAD_TIME.minusMillis(200), MOST);
  }

  /** Empty lines are no head, but may come before one. */
  @Test
  void emptyLinesBeforeAHeadCountIntoItsTime() throws Exception {
    Socket kept = connect(STRANGER);
    send(kept, "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(new String(kept.getInputStream().readNBytes(8), StandardCharsets.US_ASCII))
        .isEqualTo("HTTP/1.1");
    for (Socket socket : List.of(kept, connect(STRANGER))) {
      long start = System.nanoTime();
      try {
        while (System.nanoTime() - start < MOST.toNanos()) {
          Thread.sleep(50);
          send(socket, "\r\n");
        }
      } catch (IOException e) {
        // closed
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(HEAD_TIME.minusMillis(200), MOST);
    }
  }

  @Test
  void anIdleConnectionIsKeptAfterAnAnswer() throws Exception {
    Socket socket = connect(STRANGER);
    send(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Thread.sleep(HEAD_TIME.toMillis() * 3);
    send(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertThat(answer(socket).split("0 bytes", -1)).hasSize(3);
  }

  @Test
  void aSilentHeadEndsToo() throws Exception {
    long start = System.nanoTime();
    Socket socket = connect(STRANGER);
    send(socket, "GET / HTTP/1.1\r\n");
    assertThat(answer(socket)).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(HEAD_TIME.minusMillis(200), MOST);
  }

  /** The first bytes of a handshake, one now and then. */
  @Test
  void aHandshakeHasItsTimeInAll() throws Exception {
    server.stop();
    Ssl ssl = new Ssl();
    ssl.setKeyStore("file:src/test/resources/tls/server.p12");
    ssl.setKeyStorePassword("secret");
    ssl.setKeyStoreType("PKCS12");
    server = server(ssl);
    byte[] hello = new byte[10_000];
    System.arraycopy(new byte[] {22, 3, 1, 39, 11, 1}, 0, hello, 0, 6);
    long start = System.nanoTime();
    Socket socket = connect(STRANGER);
    int sent = 0;
    try {
      while (System.nanoTime() - start < MOST.toNanos()) {
        socket.getOutputStream().write(hello[sent++]);
        Thread.sleep(50);
      }
    } catch (IOException e) {
      // closed
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(HEAD_TIME.minusMillis(200), MOST);
    SelfCheck check = new SelfCheck(own, new SpareCarriers(), secured(ssl));
    assertThat(check.answers(server.getPort())).isTrue();
  }

  private static ServerProperties secured(Ssl ssl) {
    ServerProperties properties = new ServerProperties();
    properties.setSsl(ssl);
    return properties;
  }

  @Test
  void aBodyAndTheNextHeadHaveTimesOfTheirOwn() throws Exception {
    await().atMost(Duration.ofMinutes(1)).until(this::sendsWithPauses);
  }

  /** Whether it could send both heads in their time: a busy machine pauses as it likes. */
  private boolean sendsWithPauses() throws Exception {
    Socket socket = connect(STRANGER);
    if (!sendsInTime(
        socket, "POST / HTTP/1.1\r\nHost: loc", "alhost\r\nContent-Length: 3\r\n\r\na")) {
      return false;
    }
    Thread.sleep(HEAD_TIME.toMillis() * 2);
    send(socket, "bc");
    Thread.sleep(HEAD_TIME.toMillis() * 2);
    if (!sendsInTime(
        socket, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: cl", "ose\r\n\r\n")) {
      return false;
    }
    assertThat(answer(socket)).contains("3 bytes").contains("0 bytes");
    return true;
  }

  /** Sends a head with a pause in it, unless the pause was too long by itself. */
  private static boolean sendsInTime(Socket socket, String begin, String end) throws Exception {
    long start = System.nanoTime();
    send(socket, begin);
    Thread.sleep(HEAD_TIME.toMillis() / 2);
    if (System.nanoTime() - start > HEAD_TIME.toNanos() * 3 / 4) {
      return false;
    }
    send(socket, end);
    return true;
  }

  @Test
  void oneAddressHoldsHalfOfThePlaces() throws Exception {
    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < PLACES * 2; i++) {
      held.add(connect(STRANGER));
    }
    assertThat(get("127.0.0.1")).contains("0 bytes");
    await().untilAsserted(() -> assertThat(closed(held)).isEqualTo(PLACES + PLACES / 2));
    assertThat(get(STRANGER)).isEmpty();
    for (Socket socket : held) {
      socket.close();
    }
    await().untilAsserted(() -> assertThat(get(STRANGER)).contains("0 bytes"));
  }

  /** Each address leaves as many places as it holds. */
  @Test
  void severalFloodingAddressesLeavePlacesToOthers() throws Exception {
    for (int i = 0; i < PLACES; i++) {
      connect(STRANGER);
      connect("127.0.0.4");
      connect("127.0.0.5");
    }
    for (int i = 0; i < PLACES; i++) {
      assertThat(get("127.0.0.1")).contains("0 bytes");
    }
  }

  private static int closed(List<Socket> sockets) throws IOException {
    int closed = 0;
    for (Socket socket : sockets) {
      socket.setSoTimeout(1);
      try {
        closed += socket.getInputStream().read() < 0 ? 1 : 0;
      } catch (SocketTimeoutException e) {
        // It is open.
      } catch (IOException e) {
        closed++;
      }
    }
    return closed;
  }

  /** The port alone is easily met by another address. */
  @Test
  void onlyTheProcessItselfNeedsNoPlace() throws Exception {
    for (int i = 0; i < PLACES; i++) {
      connect(PROXY);
    }
    await().untilAsserted(() -> assertThat(get(STRANGER)).isEmpty());
    Socket socket = new Socket();
    open.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(STRANGER), 0));
    own.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
    assertThat(answer(socket)).isEmpty();
  }

  /** All places taken: others are refused, but the process still reaches itself. */
  @Test
  void theProcessReachesItself() throws Exception {
    for (int i = 0; i < PLACES; i++) {
      connect(PROXY);
    }
    await().untilAsserted(() -> assertThat(get("127.0.0.1")).isEmpty());
    SelfCheck check = new SelfCheck(own, new SpareCarriers(), new ServerProperties());
    for (int i = 0; i < PLACES; i++) {
      assertThat(check.answers(server.getPort())).isTrue();
    }
    int port = server.getPort();
    server.stop();
    assertThat(check.answers(port)).isFalse();
  }

  /** They answer others; the process is not dead while they have work. */
  @Test
  void theProcessReachesItselfWhileAllVirtualThreadsAreBusy() throws Exception {
    server.stop();
    Connector[] made = new Connector[1];
    server = server(null, connector -> made[0] = connector);
    made[0].getProtocolHandler().setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    CountDownLatch end = BusyThreads.begin();
    try {
      SelfCheck check = new SelfCheck(own, new SpareCarriers(), new ServerProperties());
      assertThat(check.answers(server.getPort())).isTrue();
    } finally {
      end.countDown();
    }
    assertThat(own.served()).isZero();
    assertThat(get(STRANGER)).contains("0 bytes");
    await().until(() -> own.served() > 0);
  }

  @ParameterizedTest
  @CsvSource({
    "8192, 96, 1048576, 192",
    "8192, 1024, 1048576, 2048",
    "8192, 65536, 1048576, 8192",
    "100, 65536, 1048576, 100",
    "-1, 1, 1048576, 32",
    "8192, 1024, 256, 80",
    "8192, 1024, 1024, 464"
  })
  void placesFollowTheHeapAndTheOpenFiles(int configured, long megabytes, long files, int places) {
    assertThat(HttpServerProtocol.places(configured, megabytes << 20, files, 2)).isEqualTo(places);
  }
}
