package io.trainyard.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/**
 * A body that stays the same, as it is and packed once for all who unpack it.
 *
 * @param plain as it is
 * @param gzip the same, packed
 */
@SuppressWarnings("ArrayRecordComponent")
public record PackedContent(byte[] plain, byte[] gzip) {
  public static PackedContent of(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no faults
    }
    return new PackedContent(plain, packed.toByteArray());
  }

  /**
   * The answer to a request.
   *
   * @param encodings its header {@code Accept-Encoding}; null without one
   */
  public ResponseEntity<byte[]> answer(
      ResponseEntity.BodyBuilder answer, @Nullable String encodings) {
    var _ = answer.varyBy(HttpHeaders.ACCEPT_ENCODING);
    return encodings != null && encodings.contains("gzip")
        ? answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(gzip)
        : answer.body(plain);
  }
}
