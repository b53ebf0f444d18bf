package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/** Which answers say that the process works. */
@Timeout(30)
class SelfCheckTest {
  private static final byte[] FATAL_ALERT = {21, 3, 3, 0, 2, 2, 80};
  private static final String OK = "HTTP/1.1 200 \r\n\r\n";

  private static SelfCheck check(boolean tls) {
    ServerProperties properties = new ServerProperties();
    Ssl ssl = new Ssl();
    ssl.setEnabled(tls);
    properties.setSsl(ssl);
    return new SelfCheck(new OwnConnections(), new SpareCarriers(), properties);
  }

  /** Whether the check counts what a server says to one caller. */
  private static boolean isAnswer(boolean tls, ServerSocket server, byte[] said) throws Exception {
    try (server) {
      Thread thread = Thread.ofVirtual().start(() -> say(server, said));
      boolean answers = check(tls).answers(server.getLocalPort());
      thread.join();
      return answers;
    }
  }

  private static void say(ServerSocket server, byte[] said) {
    try (Socket socket = server.accept()) {
      InputStream in = socket.getInputStream();
      assertThat(in.read()).isNotNegative();
      socket.getOutputStream().write(said);
      socket.shutdownOutput();
      in.skipNBytes(in.available());
    } catch (IOException e) {
      // as a server that lets no caller in without a certificate
    }
  }

  private static ServerSocket plain() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200, true",
    "HTTP/1.1 421, true",
    "HTTP/1.1 503, true",
    "HTTP/1.1 500, false",
    "HTTP/1.1, false",
    "SSH-2.0-server, false",
    "'', false"
  })
  void anAnswerHasAStatus(String line, boolean counts) throws Exception {
    byte[] said = (line + " \r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(isAnswer(false, plain(), said)).isEqualTo(counts);
  }

  @Test
  void aHandshakeThatFailsIsNoAnswer() throws Exception {
    assertThat(isAnswer(true, plain(), new byte[0])).as("ended").isFalse();
    assertThat(isAnswer(true, plain(), FATAL_ALERT)).as("an internal error").isFalse();
    assertThat(isAnswer(true, plain(), OK.getBytes(StandardCharsets.US_ASCII))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aServerThatWantsACertificateAnswers(String protocol) throws Exception {
    for (boolean needed : new boolean[] {true, false}) {
      SSLServerSocket server = secure(protocol);
      server.setNeedClientAuth(needed);
      assertThat(isAnswer(true, server, OK.getBytes(StandardCharsets.US_ASCII))).isTrue();
    }
    SSLServerSocket silent = secure(protocol);
    silent.setWantClientAuth(true);
    assertThat(isAnswer(true, silent, new byte[0])).isFalse();
  }

  private static SSLServerSocket secure(String protocol) throws Exception {
    char[] password = "secret".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream("src/test/resources/tls/server.p12")) {
      store.load(in, password);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    SSLServerSocket server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    server.setEnabledProtocols(new String[] {protocol});
    return server;
  }
}
