package io.trainyard.attack;

import io.trainyard.Http;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Sends requests as bytes, so that they need not be valid, one connection each. */
final class Wire {
  private static final int KEPT = 2 << 20;
  private static final int STREAM_PATIENCE = 1_000;
  private static final int PATIENCE = 120_000;

  private final Http http;

  Wire(Http http) {
    this.http = http;
  }

  /** Sends a request and reads its answer, also one that comes before the request's end. */
  Exchange send(Request request) {
    AtomicLong lastByte = new AtomicLong(System.nanoTime());
    try (Socket socket = http.open("")) {
      socket.setSoTimeout(PATIENCE);
      Thread writer = Thread.ofVirtual().start(() -> write(request, socket, lastByte));
      byte[] answer = read(socket, request.isStream());
      long end = System.nanoTime();
      boolean early = writer.isAlive();
      writer.interrupt();
      Duration waited = Duration.ofNanos(early ? 0 : end - lastByte.get());
      return exchange(request, answer, waited);
    } catch (IOException refused) {
      Duration waited = Duration.ofNanos(System.nanoTime() - lastByte.get());
      return new Exchange(
          request, 0, Map.of(), Http.utf8(String.valueOf(refused.getMessage())), waited);
    }
  }

  private void write(Request request, Socket socket, AtomicLong lastByte) {
    try {
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
      int length = request.body().length();
      StringBuilder head = new StringBuilder();
      head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
      head.append("Host: localhost\r\nConnection: close\r\n");
      request
          .headers()
          .forEach((name, text) -> head.append(name).append(": ").append(text).append("\r\n"));
      for (int i = 0; i < http.always().size(); i += 2) {
        head.append(http.always().get(i)).append(": ").append(http.always().get(i + 1));
        head.append("\r\n");
      }
      head.append(framing(request.method(), length)).append("\r\n");
      out.write(Http.utf8(head.toString()));
      if (length >= 0) {
        request.body().writeTo(out);
      } else {
        ChunkedOutput chunks = new ChunkedOutput(out);
        request.body().writeTo(chunks);
        chunks.end();
      }
      out.flush();
      lastByte.set(System.nanoTime());
    } catch (IOException answeredEarly) {
      // the answer says why
    }
  }

  private static String framing(String method, int length) {
    if (length == 0 && method.equals("GET")) {
      return "";
    }
    return length >= 0 ? "Content-Length: " + length + "\r\n" : "Transfer-Encoding: chunked\r\n";
  }

  /** What comes, to its end or to a silence: a short one once a stream has begun. */
  private static byte[] read(Socket socket, boolean stream) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        kept.write(buffer, 0, Math.min(count, KEPT - Math.min(KEPT, kept.size())));
        if (stream) {
          socket.setSoTimeout(STREAM_PATIENCE);
        }
      }
    } catch (SocketTimeoutException silent) {
      return kept.toByteArray();
    } catch (IOException closed) {
      return kept.toByteArray();
    }
    return kept.toByteArray();
  }

  private static Exchange exchange(Request request, byte[] answer, Duration waited) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (!text.startsWith("HTTP/1.1 ") || end < 0) {
      return new Exchange(request, 0, Map.of(), answer, waited);
    }
    Map<String, String> headers = new HashMap<>();
    String[] lines = text.substring(0, end).split("\r\n");
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.merge(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip(),
          (first, next) -> first + "," + next);
    }
    byte[] body = Arrays.copyOfRange(answer, end + 4, answer.length);
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      body = joined(body);
    }
    return new Exchange(request, Integer.parseInt(text.substring(9, 12)), headers, body, waited);
  }

  /** The contents of chunks, as far as they came. */
  private static byte[] joined(byte[] chunks) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    String text = new String(chunks, StandardCharsets.ISO_8859_1);
    int at = 0;
    for (int end = text.indexOf("\r\n"); end > at; end = text.indexOf("\r\n", at)) {
      int length = HexFormat.fromHexDigits(text, at, end);
      int from = Math.min(end + 2, chunks.length);
      joined.write(chunks, from, Math.min(length, chunks.length - from));
      at = Math.min(from + length + 2, chunks.length);
    }
    return joined.toByteArray();
  }

  /** Chunked transfer coding. */
  private static final class ChunkedOutput extends OutputStream {
    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];
    private int filled;

    ChunkedOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      if (filled == buffer.length) {
        flushChunk();
      }
      buffer[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      for (int at = from, left = length; left > 0; ) {
        if (filled == buffer.length) {
          flushChunk();
        }
        int count = Math.min(left, buffer.length - filled);
        System.arraycopy(bytes, at, buffer, filled, count);
        filled += count;
        at += count;
        left -= count;
      }
    }

    /** A slow sender flushes what it has. */
    @Override
    public void flush() throws IOException {
      flushChunk();
      out.flush();
    }

    private void flushChunk() throws IOException {
      if (filled > 0) {
        out.write(Http.utf8(Integer.toHexString(filled) + "\r\n"));
        out.write(buffer, 0, filled);
        out.write(Http.utf8("\r\n"));
        filled = 0;
      }
    }

    void end() throws IOException {
      flushChunk();
      out.write(Http.utf8("0\r\n\r\n"));
    }
  }
}
