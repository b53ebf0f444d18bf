package io.trainyard.api.idempotency;

import io.trainyard.api.BoundedBody;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** A request whose payload was read for its digest before the handler reads it again. */
final class BufferedRequest extends HttpServletRequestWrapper {
  private final ByteArrayInputStream body;
  private final String digest;

  private BufferedRequest(HttpServletRequest request, byte[] body, String digest) {
    super(request);
    this.body = new ByteArrayInputStream(body);
    this.digest = digest;
  }

  /** Reads a body of at most {@code maxBody} bytes; files of a form are on disk, of any size. */
  static BufferedRequest of(HttpServletRequest request, int maxBody) throws IOException {
    String type = String.valueOf(request.getContentType());
    MessageDigest digest = sha256();
    update(digest, String.valueOf(request.getQueryString()));
    if (type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
      digestParts(request, digest);
      // The server has read the body and keeps the parts.
      return new BufferedRequest(request, new byte[0], hex(digest));
    }
    update(digest, type);
    byte[] body =
        BoundedBody.read(request.getInputStream(), request.getContentLengthLong(), maxBody);
    digest.update(body);
    return new BufferedRequest(request, body, hex(digest));
  }

  private static void digestParts(HttpServletRequest request, MessageDigest digest)
      throws IOException {
    try {
      for (Part part : request.getParts()) {
        update(digest, part.getName());
        update(digest, String.valueOf(part.getSubmittedFileName()));
        update(digest, String.valueOf(part.getContentType()));
        update(digest, String.valueOf(part.getSize()));
        try (InputStream in = part.getInputStream()) {
          byte[] buffer = new byte[1 << 16];
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
          }
        }
      }
    } catch (ServletException | IllegalStateException e) {
      // The handler gets the same error and answers with a problem.
      update(digest, String.valueOf(e.getMessage()));
    }
  }

  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /** The SHA-256 of a text, in hex. */
  static String digest(String text) {
    MessageDigest digest = sha256();
    update(digest, text);
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Equal for equal payloads. */
  String digest() {
    return digest;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new ServletInputStream() {
      @Override
      public int read() {
        return body.read();
      }

      @Override
      public int read(byte[] bytes, int from, int count) {
        return body.read(bytes, from, count);
      }

      @Override
      public boolean isFinished() {
        return body.available() == 0;
      }

      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setReadListener(ReadListener listener) {
        throw new UnsupportedOperationException("read in the request's own thread");
      }
    };
  }
}
