package io.trainyard.cli;

import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The service refused a call, with a problem (RFC 9457). */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_TEXT = 500;

  private final int status;
  private final transient JsonNode problem;

  private Refusal(int status, JsonNode problem) {
    super(problem.path("detail").asString(""));
    this.status = status;
    this.problem = problem;
  }

  static Refusal of(int status, byte[] body) {
    JsonNode problem;
    try {
      problem = StrictJson.parse(body);
    } catch (ServiceException notJson) {
      problem = JsonNodeFactory.instance.nullNode();
    }
    if (!problem.isObject()) {
      String text = new String(body, StandardCharsets.UTF_8).strip();
      problem =
          JsonNodeFactory.instance
              .objectNode()
              .put("status", status)
              .put("detail", text.substring(0, Math.min(LONGEST_TEXT, text.length())));
    }
    return new Refusal(status, problem);
  }

  JsonNode problem() {
    return problem;
  }

  /** Whether the service could not answer now, or not this caller. */
  boolean isBusy() {
    return status == 429 || status == 503;
  }

  /**
   * Whether the same call may succeed later. A proxy may not say when; the service does, unless
   * something else must change first.
   *
   * @param saysWhen whether the answer has {@code Retry-After}
   */
  boolean isPassing(boolean saysWhen) {
    return isBusy() && (saysWhen || !problem.has("code"));
  }

  /** What was wrong, and where: one line, then one for each fault with its pointer. */
  String text(boolean plain) {
    StringBuilder text = new StringBuilder(Terminal.printable(firstLine()));
    for (JsonNode error : problem.path("errors")) {
      String pointer = error.path("pointer").asString("");
      text.append("\n  ")
          .append(plain ? "" : "\u001b[1m")
          .append(pointer.isEmpty() ? "/" : Terminal.printable(pointer))
          .append(plain ? "" : "\u001b[0m")
          .append(": ")
          .append(Terminal.printable(error.path("detail").asString("") + Text.cells(error)));
    }
    String help = problem.path("help").asString("");
    if (!help.isEmpty()) {
      text.append("\n  more: ").append(Terminal.printable(help));
    }
    if (status == 401) {
      text.append("\n  Give a key with --key or in TRAINYARD_KEY.");
    }
    return text.toString();
  }

  private String firstLine() {
    String detail = problem.path("detail").asString(problem.path("title").asString(""));
    String code = problem.path("code").asString("");
    String kind = code.isEmpty() ? String.valueOf(status) : code + ", " + status;
    return (detail.isBlank() ? "The service refused the call." : detail) + " (" + kind + ")";
  }
}
