package io.trainyard.api.docs;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** What an expression may be made of, on the page of its functions. */
final class ExpressionLanguage {
  private static final String TWO_UNITS =
      """
      {"type": "expression", "expression": "mean((y_pred[0] - y_true[0])^2 + abs(y_pred[1] - y_true[1]))"}
      """;

  private ExpressionLanguage() {}

  static void describe(ReferenceText page) {
    page.heading(2, "What an expression is made of");
    page.paragraph(
        "An expression is computed for one row; the batch axis is never seen. It has at most 2000"
            + " characters.");
    page.table(
        List.of("Part", "Written", "Meaning"),
        List.of(
            List.of(
                "names",
                "`y_pred`, `x`",
                "A loss or metric knows `y_true` and `y_pred`. A layer knows its inputs by name,"
                    + " `x` when there is one, and its parameters."),
            List.of("numbers", "`2`, `0.5`, `1e-3`", "`pi` and `e` are constants."),
            List.of(
                "operators",
                "`+ - * / ^`",
                "`^` binds most, before a sign, and groups from the right: `-x^2` is `-(x^2)`."),
            List.of(
                "comparisons",
                "`< <= > >= == !=`",
                "1 or 0; they bind least. No gradient passes them, so choose with `where`."),
            List.of(
                "an index",
                "`y_pred[0]`, `x[-1]`",
                "One element, from 0 or from the end; the axis is dropped."),
            List.of(
                "a slice",
                "`x[0:2]`, `x[1:]`, `x[:, 0]`",
                "The elements from the first up to the second, which is excluded. Entries are for"
                    + " the axes in order; later axes stay whole."),
            List.of("all other axes", "`x[..., 0]`", "The first element of the last axis.")));
    page.paragraph(
        "Operators and elementwise functions broadcast as NumPy does: axes are lined up from the"
            + " last, and a length of 1 is repeated. So `x - mean(x, 1)` of a row of shape [4, 4]"
            + " would subtract from the wrong axis; `mean(x, 1, keepdims)` keeps the axis with"
            + " length 1.");
    page.paragraph(
        "`sum`, `mean` and `norm` reduce all axes to one number, or the one that is given:"
            + " `sum(x, axis=0)`, or `sum(x, 0)`. `keepdims=true`, or `keepdims`, keeps it."
            + " `concat(a, b, …)` joins two or more values along its `axis`, by default the last."
            + " Axes count from 0, or with −1 from the last. `min` and `max` take two values and no"
            + " axis.");
    page.paragraph("A loss over an output of two units, squared for one, absolute for the other:");
    page.json(new JsonMapper().readTree("{\"loss\": " + TWO_UNITS + "}"));
    page.heading(2, "All functions");
  }
}
