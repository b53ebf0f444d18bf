package io.trainyard;

import java.io.ByteArrayOutputStream;

/** A multipart/form-data body, part by part. */
public final class Multipart {
  private static final String BOUNDARY = "trainyard-test-boundary";

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  public Multipart part(String name, byte[] content) {
    body.writeBytes(
        Http.utf8(
            "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n"
                .formatted(BOUNDARY, name, name)));
    body.writeBytes(content);
    body.writeBytes(Http.utf8("\r\n"));
    return this;
  }

  public Multipart part(String name, String content) {
    return part(name, Http.utf8(content));
  }

  public Http.Answer post(Http http, String path) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(body.toByteArray());
    whole.writeBytes(Http.utf8("--" + BOUNDARY + "--\r\n"));
    return http.send(
        "POST",
        path,
        whole.toByteArray(),
        "Content-Type",
        "multipart/form-data; boundary=" + BOUNDARY);
  }
}
