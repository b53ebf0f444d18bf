package io.trainyard.api.edge;

import io.trainyard.os.Watchdog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/** Asks the process whether it lives, as callers do, and tells the watchdog its answers. */
@Component
final class SelfCheck implements ApplicationListener<ApplicationReadyEvent> {
  private static final Logger log = LoggerFactory.getLogger(SelfCheck.class);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String PATH = "/livez";

  /** Of a service that works: also a refusal, as of this host name, and one for lack of room. */
  private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 ([234]\\d\\d|503)");

  private static final int STATUS_LINE = "HTTP/1.1 200".length();

  private final OwnConnections own;
  private final SpareCarriers spare;
  private final InetAddress address;
  private final boolean isTls;

  SelfCheck(OwnConnections own, SpareCarriers spare, ServerProperties server) {
    this.own = own;
    this.spare = spare;
    this.address = address(server);
    this.isTls = isTls(server);
  }

  /** Where this process reaches itself. */
  static InetAddress address(ServerProperties server) {
    InetAddress bound = server.getAddress();
    return bound == null || bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
  }

  static boolean isTls(ServerProperties server) {
    Ssl ssl = server.getSsl();
    return ssl != null && ssl.isEnabled();
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    if (Watchdog.isArmed()
        && event.getApplicationContext() instanceof WebServerApplicationContext web
        && web.getWebServer() != null) {
      int port = web.getWebServer().getPort();
      Watchdog.Answers answers = Watchdog.answers("The process itself at " + PATH);
      Watchdog.Answers threads = Watchdog.answers("The scheduler of virtual threads");
      Watchdog.loop("self-check", () -> repeat(port, answers, threads)).start();
    }
  }

  private void repeat(int port, Watchdog.Answers answers, Watchdog.Answers threads) {
    VirtualThreads virtual = new VirtualThreads(own, spare, threads::heard);
    try {
      while (Watchdog.isArmed()) {
        virtual.look();
        if (answers(port)) {
          answers.heard();
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether an answer comes; which one is for those who ask from outside. */
  boolean answers(int port) {
    Certificates certificates = new Certificates();
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(address, 0));
      InetSocketAddress here = new InetSocketAddress(address, socket.getLocalPort());
      own.add(here);
      try {
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return isAnswered(socket, port, certificates);
      } finally {
        own.remove(here);
      }
    } catch (IOException | GeneralSecurityException | OutOfMemoryError e) {
      log.debug("No answer from this process", e);
      // Who asks for a certificate, which this process has not, has done its part of a handshake.
      return certificates.areWanted() && !(e instanceof SocketTimeoutException);
    }
  }

  private boolean isAnswered(Socket connection, int port, Certificates certificates)
      throws IOException, GeneralSecurityException {
    try (Socket socket = isTls ? secure(connection, port, certificates) : connection) {
      String request =
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(PATH);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] line = socket.getInputStream().readNBytes(STATUS_LINE);
      return ANSWER.matcher(new String(line, StandardCharsets.US_ASCII)).matches();
    }
  }

  /** The certificate may be for any name: it is this process's own. */
  static Socket secure(Socket connection, int port, Certificates certificates)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {certificates}, new TrustManager[] {new Everyone()}, null);
    return context.getSocketFactory().createSocket(connection, "localhost", port, true);
  }

  /** None; and whether the server wants one. It asks after its own part of a handshake. */
  static final class Certificates extends X509ExtendedKeyManager {
    private volatile boolean wanted;

    boolean areWanted() {
      return wanted;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String @Nullable [] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      wanted = true;
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(
        @Nullable String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(
        @Nullable String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        @Nullable String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
      return null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
      return null;
    }
  }

  private static final class Everyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {}

    @Override
    public void checkServerTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
