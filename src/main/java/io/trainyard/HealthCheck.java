package io.trainyard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Asks the service on this machine whether it is ready, and exits with 0 or 1. An image has no
 * curl, and few classes start quickly. The first argument is the port, else the variable {@code
 * MANAGEMENT_SERVER_PORT}, else 8080.
 */
public final class HealthCheck {
  private static final int TIMEOUT_MILLIS = 4_000;
  private static final String PATH = "/actuator/health/readiness";

  private HealthCheck() {}

  public static void main(String[] args) {
    String chosen = System.getenv().getOrDefault("MANAGEMENT_SERVER_PORT", "8080");
    System.exit(isReady(Integer.parseInt(args.length > 0 ? args[0] : chosen)) ? 0 : 1);
  }

  static boolean isReady(int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      String request = "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n".formatted(PATH);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String status =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return status != null && status.contains(" 200");
    } catch (IOException e) {
      return false;
    }
  }
}
