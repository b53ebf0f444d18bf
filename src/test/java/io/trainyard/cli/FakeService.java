package io.trainyard.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers with what the test has put in, one connection each, and keeps the requests. */
final class FakeService implements AutoCloseable {
  /** How long the first bytes of an answer that breaks off have to arrive. */
  private static final Duration BEFORE_CUT = Duration.ofMillis(200);

  /** A request with its headers in lower case. */
  record Request(String line, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private record Answer(String head, String body, boolean cut) {}

  private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

  FakeService() throws IOException {
    Thread.ofVirtual().start(this::serve);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Queues an answer; each header is a line. */
  FakeService answer(int status, String body, String... headers) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    answers.add(
        new Answer(
            "HTTP/1.1 %d \r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n"
                .formatted(status, lines, length),
            body,
            false));
    return this;
  }

  /** Queues an answer that promises more than it has. */
  FakeService cut(String body) {
    answers.add(new Answer("HTTP/1.1 200 \r\nContent-Length: 100000\r\n\r\n", body, true));
    return this;
  }

  List<Request> requests() {
    return requests;
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        requests.add(read(new BufferedInputStream(socket.getInputStream())));
        Answer answer = answers.remove();
        socket
            .getOutputStream()
            .write((answer.head() + answer.body()).getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        if (answer.cut()) {
          Thread.sleep(BEFORE_CUT);
        }
      } catch (IOException closed) {
        // The test has ended, or the caller has left.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static Request read(InputStream in) throws IOException {
    String line = line(in);
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Request(line.replace(" HTTP/1.1", ""), headers, body);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
