package io.trainyard.api.idempotency;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.ServletBody;
import io.trainyard.api.multipart.MultipartBody;
import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.Sha256;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A request whose payload was read for its digest before the handler reads it again. */
final class BufferedRequest extends HttpServletRequestWrapper implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final InputStream body;
  private final String digest;
  private final @Nullable Path file;

  private BufferedRequest(
      HttpServletRequest request, InputStream body, String digest, @Nullable Path file) {
    super(request);
    this.body = body;
    this.digest = digest;
    this.file = file;
  }

  /** Files of a form are on disk, of any size; the server keeps them for the handler. */
  static BufferedRequest ofParts(HttpServletRequest request, SpoolFolder spool) throws IOException {
    spool.requireRoom(request);
    MessageDigest digest = Sha256.begin();
    update(digest, String.valueOf(request.getQueryString()));
    for (Part part : MultipartBody.parts(request)) {
      update(digest, part.getName());
      update(digest, String.valueOf(part.getSubmittedFileName()));
      update(digest, String.valueOf(part.getContentType()));
      update(digest, String.valueOf(part.getSize()));
      try (InputStream in = part.getInputStream()) {
        byte[] buffer = new byte[CHUNK];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
    }
    return new BufferedRequest(request, InputStream.nullInputStream(), Sha256.hex(digest), null);
  }

  /** Keeps a body of at most {@code maxBody} bytes in memory. */
  static BufferedRequest inMemory(HttpServletRequest request, int maxBody) throws IOException {
    MessageDigest digest = ofHead(request);
    byte[] body =
        BoundedBody.read(request.getInputStream(), request.getContentLengthLong(), maxBody);
    digest.update(body);
    return new BufferedRequest(request, new ByteArrayInputStream(body), Sha256.hex(digest), null);
  }

  /** Keeps a body on disk; {@link #close} deletes it. */
  static BufferedRequest onDisk(HttpServletRequest request, SpoolFolder spool) throws IOException {
    checkLength(request.getContentLengthLong(), spool);
    MessageDigest digest = ofHead(request);
    Path file = spool.newFile();
    try {
      write(request.getInputStream(), file, digest, spool);
      return new BufferedRequest(request, Files.newInputStream(file), Sha256.hex(digest), file);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private static MessageDigest ofHead(HttpServletRequest request) {
    MessageDigest digest = Sha256.begin();
    update(digest, String.valueOf(request.getQueryString()));
    update(digest, String.valueOf(request.getContentType()));
    return digest;
  }

  private static void write(InputStream body, Path file, MessageDigest digest, SpoolFolder spool)
      throws IOException {
    long bytes = 0;
    try (OutputStream out = spool.write(file)) {
      byte[] buffer = new byte[CHUNK];
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        bytes += read;
        checkLength(bytes, spool);
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    }
  }

  private static void checkLength(long bytes, SpoolFolder spool) {
    if (bytes > spool.largest().toBytes()) {
      throw new ServiceException(
          ErrorCode.BODY_TOO_LARGE,
          "The upload has more than "
              + spool.largest().toBytes()
              + " bytes (trainyard.datasets.max-upload)");
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  /** The SHA-256 of a text, in hex. */
  static String digest(String text) {
    MessageDigest digest = Sha256.begin();
    update(digest, text);
    return Sha256.hex(digest);
  }

  /** Equal for equal payloads. */
  String digest() {
    return digest;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new ServletBody(body);
  }
}
