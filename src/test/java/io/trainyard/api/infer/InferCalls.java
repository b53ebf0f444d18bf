package io.trainyard.api.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls of the inference protocol, and what their answers hold. */
final class InferCalls {
  private static final JsonMapper JSON = new JsonMapper();

  private InferCalls() {}

  /** Sends JSON with binary tensors behind it. */
  static Answer binary(Http http, String path, String json, byte[] data) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(Http.utf8(json));
    body.writeBytes(data);
    return http.send(
        "POST",
        path,
        body.toByteArray(),
        "Content-Type",
        "application/octet-stream",
        "Inference-Header-Content-Length",
        String.valueOf(Http.utf8(json).length));
  }

  /** The JSON in front of the binary tensors of an answer. */
  static JsonNode json(Answer answer, int length) {
    return JSON.readTree(new String(answer.bytes(), 0, length, StandardCharsets.UTF_8));
  }

  /** The text of an error, which is all that an answer has. */
  static String error(Answer answer, int status) {
    answer.expect(status);
    assertThat(answer.contentType()).startsWith("application/json");
    assertThat(answer.json().propertyNames()).containsExactly("error");
    return answer.json().get("error").stringValue();
  }
}
