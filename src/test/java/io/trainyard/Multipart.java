package io.trainyard;

import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;

/** Builds a multipart/form-data body. */
public final class Multipart {
  private static final String BOUNDARY = "----trainyard-form-boundary";

  public static final String CONTENT_TYPE = "multipart/form-data; boundary=" + BOUNDARY;

  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

  /** A field: it has no file name. */
  public Multipart json(String name, String json) {
    return part("name=\"%s\"".formatted(name), "application/json", Http.utf8(json));
  }

  public Multipart part(String name, String content) {
    return part(name, Http.utf8(content));
  }

  /** A file. */
  public Multipart part(String name, byte[] content) {
    return part(
        "name=\"%s\"; filename=\"%s\"".formatted(name, name), "application/octet-stream", content);
  }

  /** A file with another name than its part. */
  public Multipart file(String name, String fileName, byte[] content) {
    return part(
        "name=\"%s\"; filename=\"%s\"".formatted(name, fileName),
        "application/octet-stream",
        content);
  }

  private Multipart part(String disposition, String contentType, byte[] content) {
    parts.writeBytes(
        Http.utf8(
            "--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: %s\r\n\r\n"
                .formatted(BOUNDARY, disposition, contentType)));
    parts.writeBytes(content);
    parts.writeBytes(Http.utf8("\r\n"));
    return this;
  }

  public Http.Answer post(Http http, String path, String... headers) {
    String[] all =
        Stream.concat(Stream.of("Content-Type", CONTENT_TYPE), Stream.of(headers))
            .toArray(String[]::new);
    return http.send("POST", path, bytes(), all);
  }

  /** The whole body. */
  public byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(parts.toByteArray());
    whole.writeBytes(Http.utf8("--" + BOUNDARY + "--\r\n"));
    return whole.toByteArray();
  }
}
