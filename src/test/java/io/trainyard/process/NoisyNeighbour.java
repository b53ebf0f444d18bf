package io.trainyard.process;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Another Spring service on this machine: it fails most of its requests, spends its time on garbage
 * collection, and computes on a core.
 */
final class NoisyNeighbour implements AutoCloseable {
  private final AtomicInteger scrapes = new AtomicInteger();
  private final Thread computing;
  private final HttpServer server;
  private volatile boolean closed;

  NoisyNeighbour() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/actuator/prometheus",
        exchange -> {
          byte[] metrics = metrics(scrapes.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, metrics.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(metrics);
          }
        });
    server.start();
    computing = Thread.ofPlatform().daemon().name("neighbour").start(this::compute);
  }

  private static String metrics(int scrapes) {
    return String.format(
        Locale.ROOT,
        """
        http_server_requests_seconds_count{method="GET",status="200",uri="/"} %d
        http_server_requests_seconds_count{method="GET",status="500",uri="/"} %d
        jvm_gc_overhead 0.9
        """,
        10 * scrapes,
        90 * scrapes);
  }

  private void compute() {
    double sum = 0;
    while (!closed && !Double.isNaN(sum)) {
      sum = Math.sin(sum + 1);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    server.stop(0);
    computing.join();
  }
}
