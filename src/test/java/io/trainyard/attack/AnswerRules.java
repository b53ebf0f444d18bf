package io.trainyard.attack;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What every answer keeps, whatever the request was. */
public final class AnswerRules {
  private static final JsonMapper JSON = new JsonMapper();

  /** Texts of libraries, Java and this machine that tell a caller nothing. */
  private static final Pattern INTERNALS =
      Pattern.compile(
          "\\[L?[\\w.]+;?@[0-9a-f]+|\\b(java|javax|jakarta|org|com|io|tools)\\.[a-z]+\\.[\\w.]+"
              + "|\\w+(Exception|Error)\\b|Jackson|DuckDB|\\bH2\\b|libtorch|c10::|at::"
              + "|StreamReadConstraints|JsonNode|BigInteger|Cannot invoke|out of bounds for"
              + "|(?<![\\w.])/(tmp|root|home|work|var|usr)/|target/test-data");

  private AnswerRules() {}

  /** What is wrong with an answer; empty for nothing. */
  public static Optional<String> fault(WireRequest request, WireRequest.Answer answer) {
    int status = answer.status();
    if (status >= 500 && (status != 503 || answer.header("retry-after").isEmpty())) {
      return Optional.of("status " + status);
    }
    if (status < 400 || request.method().equals("HEAD")) {
      return Optional.empty();
    }
    if (!answer.header("content-type").startsWith("application/problem+json")) {
      return Optional.of("not a problem: " + answer.header("content-type"));
    }
    return problemFault(status, answer.body());
  }

  private static Optional<String> problemFault(int status, String body) {
    JsonNode problem;
    try {
      problem = JSON.readTree(body);
    } catch (JacksonException e) {
      return Optional.of("not JSON");
    }
    boolean complete =
        problem.path("status").asInt(0) == status
            && !problem.path("code").asString("").isBlank()
            && !problem.path("title").asString("").isBlank()
            && !problem.path("detail").asString("").isBlank();
    if (!complete) {
      return Optional.of("an incomplete problem");
    }
    Matcher internals = INTERNALS.matcher(problem.path("detail").stringValue());
    if (internals.find()) {
      return Optional.of("detail with '" + internals.group() + "'");
    }
    for (JsonNode error : problem.path("errors")) {
      Matcher within = INTERNALS.matcher(error.path("detail").asString(""));
      if (within.find()) {
        return Optional.of("detail with '" + within.group() + "'");
      }
    }
    return Optional.empty();
  }
}
