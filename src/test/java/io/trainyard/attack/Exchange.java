package io.trainyard.attack;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the service answered a request, and whether that breaks a rule that every answer keeps.
 *
 * @param status 0 when the connection ended without an answer
 * @param headers by lower-case name
 * @param body its first part
 * @param waited the time from the request's last byte to the answer's last one
 */
@SuppressWarnings("ArrayRecordComponent")
record Exchange(
    Request request, int status, Map<String, String> headers, byte[] body, Duration waited) {
  /** The longest wait for an answer: longer on machines that other programs share. */
  static final Duration LIMIT = Duration.ofSeconds(Integer.getInteger("attack.limit", 60));

  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_SHOWN = 600;

  /** Texts of libraries, Java and the machine that tell a caller nothing. */
  private static final Pattern INTERNALS =
      Pattern.compile(
          "io\\.trainyard|org\\.(springframework|h2|duckdb|bytedeco|postgresql|apache)"
              + "|java\\.(lang|util|io|nio)|tools\\.jackson|Exception|\\w+Error\\b"
              + "|\\b(java|javax|jakarta|org|com|io|tools)\\.[a-z]+\\.[\\w.]+"
              + "|\\[L[a-z]+[./]|\\[L?[\\w.]+;?@[0-9a-f]+|@[0-9a-f]{6,8}\\b"
              + "|Jackson|StreamReadConstraints|JsonNode|BigInteger|DuckDB|\\bH2\\b"
              + "|libtorch|c10::|at::|Cannot invoke|out of bounds for"
              + "|(?<![\\w.])/(tmp|root|home|work|var|usr)/|target/test-data");

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** A header, or "". */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** What is wrong with the answer. */
  Optional<String> fault() {
    if (status == 0) {
      return Optional.of("no answer after " + waited + ": " + shortText());
    }
    if (status >= 500 && (status != 503 || (header("retry-after").isEmpty() && !isUnloaded()))) {
      return Optional.of(status + " " + headers + " " + shortText());
    }
    if (request.limited() && waited.compareTo(LIMIT) > 0) {
      return Optional.of(status + " after " + waited);
    }
    return status < 400 || request.method().equals("HEAD")
        ? Optional.empty()
        : problemFault().map(fault -> status + " " + fault + ": " + shortText());
  }

  /** What somebody has unloaded comes back when somebody loads it: waiting does not help. */
  private boolean isUnloaded() {
    // HEAD asks for the same without the text that says so.
    return (request.method().equals("HEAD") && request.target().endsWith("/ready"))
        || text().contains("load it to serve it again")
        || text().contains("until it is loaded");
  }

  private Optional<String> problemFault() {
    boolean infers =
        request.target().startsWith("/v2") && header("content-type").startsWith("application/json");
    if (!infers && !header("content-type").startsWith("application/problem+json")) {
      return Optional.of("is no problem but '" + header("content-type") + "'");
    }
    JsonNode problem;
    try {
      problem = JSON.readTree(body);
    } catch (JacksonException e) {
      return Optional.of("is not JSON");
    }
    if (!(infers ? isInferenceError(problem) : isComplete(problem))) {
      return Optional.of("is an incomplete problem");
    }
    Matcher internals = INTERNALS.matcher(text());
    return internals.find()
        ? Optional.of("shows internals '" + internals.group() + "'")
        : Optional.empty();
  }

  private boolean isComplete(JsonNode problem) {
    return problem.path("status").asInt(0) == status
        && !problem.path("code").asString("").isBlank()
        && !problem.path("title").asString("").isBlank()
        && !problem.path("detail").asString("").isBlank();
  }

  /** The error of the inference protocol: one text. */
  private static boolean isInferenceError(JsonNode error) {
    return error.size() == 1 && !error.path("error").asString("").isBlank();
  }

  private String shortText() {
    return Request.shortened(text(), MAX_SHOWN);
  }
}
