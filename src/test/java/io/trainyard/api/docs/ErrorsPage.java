package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.error.ErrorCode;
import io.trainyard.spec.description.Description;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What each error code means, and what to do. */
final class ErrorsPage {
  private static final List<String> COLUMNS = List.of("Code", "Status", "Title");

  private ErrorsPage() {}

  static String text() {
    ReferenceText page =
        new ReferenceText(
            "Errors",
            "Errors are problems after RFC 9457, of the type `application/problem+json`. Decide by"
                + " `code`, which never changes; read `detail`, which says what was wrong, what was"
                + " expected, and the way out. Each entry of `errors` has the `pointer` of a place"
                + " in the body. `help` leads to the code's page, `request_id` finds the request in"
                + " the log.");
    page.table(
        COLUMNS,
        Stream.of(ErrorCode.values())
            .map(
                code ->
                    List.of(
                        "[`%1$s`](/docs/errors/%1$s)".formatted(code.code()),
                        String.valueOf(Problem.status(code)),
                        ReferenceText.plain(code.title())))
            .toList());
    Map<String, Description> descriptions =
        Reference.descriptions().of("error").stream()
            .collect(Collectors.toMap(Description::name, Function.identity()));
    for (ErrorCode code : ErrorCode.values()) {
      Description description = Objects.requireNonNull(descriptions.get(code.code()));
      page.heading(2, code.code().replace("_", "\\_"));
      page.paragraph("Status %d: %s.".formatted(Problem.status(code), code.title()));
      page.paragraph("**What it means.** " + ReferenceText.plain(description.summary()));
      page.paragraph(
          "**What to do.** " + ReferenceText.plain(description.json().path("remedy").asString("")));
      page.json(example(code));
    }
    return page.toString();
  }

  /** The members that are the same in every problem of a code. */
  static ObjectNode example(ErrorCode code) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "urn:trainyard:problem:" + code.code())
        .put("title", code.title())
        .put("status", Problem.status(code))
        .put("code", code.code())
        .put("help", Problem.HELP + code.code());
  }
}
