package io.trainyard.start;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks the service on this machine whether it is ready, and exits with 0 or 1. An image has no
 * curl, and few classes start quickly. The first argument is the port, else the variable {@code
 * MANAGEMENT_SERVER_PORT}, else 8080. The port may have TLS, with a certificate of any name: this
 * machine asks itself.
 */
public final class HealthCheck {
  private static final int TIMEOUT_MILLIS = 4_000;
  private static final String PATH = "/actuator/health/readiness";

  private HealthCheck() {}

  public static void main(String[] args) {
    String chosen = System.getenv().getOrDefault("MANAGEMENT_SERVER_PORT", "8080");
    System.exit(isReady(Integer.parseInt(args.length > 0 ? args[0] : chosen)) ? 0 : 1);
  }

  public static boolean isReady(int port) {
    try {
      String status = ask(port, false);
      // A port with TLS says so to whom does not speak it, or closes the connection.
      if (status == null || status.contains(" 400")) {
        status = ask(port, true);
      }
      return status != null && status.contains(" 200");
    } catch (IOException e) {
      return false;
    }
  }

  /** The first line of the answer; null where there is none. */
  private static @Nullable String ask(int port, boolean tls) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      InetAddress here = InetAddress.getLoopbackAddress();
      socket.connect(new InetSocketAddress(here, port), TIMEOUT_MILLIS);
      try (Socket own = tls ? encrypted(socket, port) : socket) {
        String request = "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(PATH);
        own.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(
                new InputStreamReader(own.getInputStream(), StandardCharsets.US_ASCII))
            .readLine();
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        return null;
      }
    }
  }

  private static Socket encrypted(Socket socket, int port) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, null);
      return context.getSocketFactory().createSocket(socket, "localhost", port, true);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
