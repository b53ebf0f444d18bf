package io.trainyard.api.edge;

import io.trainyard.os.Watchdog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/** Asks the process whether it lives, as callers do, and tells the watchdog its answers. */
@Component
record SelfCheck(OwnConnections own, SpareCarriers spare, ServerProperties server)
    implements ApplicationListener<ApplicationReadyEvent> {
  private static final Logger log = LoggerFactory.getLogger(SelfCheck.class);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String PATH = "/livez";

  /** Of a service that works: also a refusal, as of this host name, and one for lack of room. */
  private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 ([234]\\d\\d|503)");

  private static final int STATUS_LINE = "HTTP/1.1 200".length();

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    if (Watchdog.isArmed()
        && event.getApplicationContext() instanceof WebServerApplicationContext web
        && web.getWebServer() != null) {
      int number = web.getWebServer().getPort();
      Watchdog.Answers answers = Watchdog.answers("The process itself at " + PATH);
      Watchdog.Answers threads = Watchdog.answers("The scheduler of virtual threads");
      Watchdog.loop("self-check", () -> repeat(number, answers, threads)).start();
    }
  }

  private void repeat(int number, Watchdog.Answers answers, Watchdog.Answers threads) {
    VirtualThreads virtual = new VirtualThreads(own, spare, threads::heard);
    try {
      while (Watchdog.isArmed()) {
        virtual.look();
        if (answers(number)) {
          answers.heard();
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether an answer comes; which one is for those who ask from outside. */
  boolean answers(int number) {
    OwnPort port = OwnPort.of(server);
    OwnPort.Certificates certificates = new OwnPort.Certificates();
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(port.address(), 0));
      InetSocketAddress here = new InetSocketAddress(port.address(), socket.getLocalPort());
      own.add(here);
      try {
        socket.connect(new InetSocketAddress(port.address(), number), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return isAnswered(port, socket, number, certificates);
      } finally {
        own.remove(here);
      }
    } catch (IOException | GeneralSecurityException | OutOfMemoryError e) {
      log.debug("No answer from this process", e);
      // Who asks for a certificate, which this process has not, has done its part of a handshake.
      return certificates.areWanted() && !(e instanceof SocketTimeoutException);
    }
  }

  private static boolean isAnswered(
      OwnPort port, Socket connection, int number, OwnPort.Certificates certificates)
      throws IOException, GeneralSecurityException {
    try (Socket socket = port.secured(connection, number, certificates)) {
      String request =
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(PATH);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] line = socket.getInputStream().readNBytes(STATUS_LINE);
      return ANSWER.matcher(new String(line, StandardCharsets.US_ASCII)).matches();
    }
  }
}
