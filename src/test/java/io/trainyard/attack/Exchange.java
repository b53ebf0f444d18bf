package io.trainyard.attack;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How the service answered a request.
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

  /** Problems of the Open Inference Protocol have another form. */
  private static final Set<String> FORMS = Set.of("application/problem+json", "application/json");

  /** Words of the inside that no caller can use. */
  private static final Pattern INTERNALS =
      Pattern.compile(
          "io\\.trainyard|org\\.(springframework|h2|duckdb|bytedeco|postgresql|apache)|java\\.(lang|util|io|nio)"
              + "|tools\\.jackson|Exception|\\[L[a-z]+[./]|@[0-9a-f]{6,8}\\b|/(tmp|root|home)/");

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** What is wrong with the answer. */
  Optional<String> fault() {
    if (status == 0) {
      return Optional.of("no answer after " + waited);
    }
    if (status >= 500 && !(status == 503 && headers.containsKey("retry-after"))) {
      return Optional.of(status + " " + headers + " " + shortText());
    }
    if (request.limited() && waited.compareTo(LIMIT) > 0) {
      return Optional.of(status + " after " + waited);
    }
    return status >= 400 ? problemFault() : Optional.empty();
  }

  private Optional<String> problemFault() {
    String type = headers.getOrDefault("content-type", "").replaceFirst(";.*", "");
    if (!request.method().equals("HEAD") && !FORMS.contains(type)) {
      return Optional.of(status + " without a problem: " + type + " " + shortText());
    }
    return INTERNALS.matcher(text()).find()
        ? Optional.of(status + " shows internals: " + shortText())
        : Optional.empty();
  }

  private String shortText() {
    String text = text();
    return text.substring(0, Math.min(text.length(), 600));
  }
}
