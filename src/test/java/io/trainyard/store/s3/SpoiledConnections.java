package io.trainyard.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Forwards HTTP calls to a server on this machine, as well as a test lets it. */
public final class SpoiledConnections implements AutoCloseable {
  private static final String REFUSAL =
      """
      HTTP/1.1 503 Slow Down\r
      Content-Type: application/xml\r
      Content-Length: 74\r
      Connection: close\r
      \r
      <Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>\
      """;

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean away;
  private volatile boolean refusing;
  private volatile Duration delay = Duration.ZERO;

  SpoiledConnections(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("accept").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The calls that arrived. */
  public int calls() {
    return calls.get();
  }

  /** Every connection breaks. */
  public void away() throws IOException {
    away = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Every call is answered with 503. */
  public void refusing() {
    refusing = true;
  }

  /** Every call waits. */
  public void slow(Duration before) {
    delay = before;
  }

  /** As a good connection. */
  public void restore() {
    away = false;
    refusing = false;
    delay = Duration.ZERO;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        if (away) {
          caller.setSoLinger(true, 0);
          caller.close();
        } else {
          Thread.ofVirtual().name("forward").start(() -> forward(caller));
        }
      } catch (IOException e) {
        // closed, or the caller has gone
      }
    }
  }

  private void forward(Socket caller) {
    try (caller;
        Socket server = new Socket()) {
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      open.add(caller);
      AtomicBoolean answered = new AtomicBoolean(true);
      Thread.ofVirtual().name("answer").start(() -> answer(server, caller, answered));
      InputStream in = caller.getInputStream();
      OutputStream out = server.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        // The first bytes after an answer begin the next call.
        if (answered.compareAndSet(true, false)) {
          calls.incrementAndGet();
          Thread.sleep(delay);
          if (refusing) {
            refuse(caller, in, buffer);
            return;
          }
        }
        if (away) {
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // one side has gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(caller);
    }
  }

  /** Reads what the caller still sends, so that it sees the answer instead of a reset. */
  private static void refuse(Socket caller, InputStream in, byte[] buffer) throws IOException {
    caller.getOutputStream().write(REFUSAL.getBytes(StandardCharsets.US_ASCII));
    caller.shutdownOutput();
    caller.setSoTimeout(200);
    int read = in.read(buffer);
    while (read >= 0) {
      read = in.read(buffer);
    }
  }

  private static void answer(Socket server, Socket caller, AtomicBoolean answered) {
    try (caller) {
      InputStream in = server.getInputStream();
      OutputStream out = caller.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        answered.set(true);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // one side has gone
    }
  }

  @Override
  public void close() throws IOException {
    away();
    listener.close();
  }
}
