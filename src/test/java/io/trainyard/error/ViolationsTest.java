package io.trainyard.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Cells of one column with the same fault are one violation. */
class ViolationsTest {
  private final Violations violations = new Violations();

  @Test
  void cellsAreOneInTheOrderOfTheFirstAndAreCountedBehindTheBound() {
    violations.addCell("x", "age", "A number", "/0/age", "no number 'a'");
    violations.add("/1", "no object");
    for (int row = 2; row < 500; row++) {
      violations.addCell("x", "age", "A number", "/" + row + "/age", "no number");
    }
    violations.addCell("x", "age", "missing", "/7/age", "missing");
    assertThat(violations.list())
        .containsExactly(
            new Violation(
                "/0/age",
                "no number 'a'",
                499L,
                List.of("/0/age", "/2/age", "/3/age", "/4/age", "/5/age")),
            new Violation("/1", "no object"),
            new Violation("/7/age", "missing"));
    assertThat(violations.count()).isEqualTo(501);
    assertThat(violations.isPartial()).isFalse();
  }

  @Test
  void aCellThatTwoReadersRefuseIsOne() {
    for (String reader : List.of("x", "y")) {
      violations.addCell(reader, "age", "A number", "/0/age", "no number");
      violations.addCell(reader, "age", "A number", "/3/age", "no number");
    }
    assertThat(violations.list())
        .containsExactly(new Violation("/0/age", "no number", 2L, List.of("/0/age", "/3/age")));
  }

  @Test
  void thoseOfAnotherListKeepTheirCellsAndMoveWithThem() {
    Violations inner = new Violations();
    inner.addCell("x", "age", "A number", "/0/age", "no number");
    inner.addCell("x", "age", "A number", "/1/age", "no number");
    violations.addAll(inner.list());
    assertThat(violations.count()).isEqualTo(2);
    Violation moved = violations.list().getFirst().moved(place -> "/rows" + place);
    assertThat(moved)
        .isEqualTo(
            new Violation("/rows/0/age", "no number", 2L, List.of("/rows/0/age", "/rows/1/age")));
    assertThat(Violation.text(List.of(moved)))
        .isEqualTo(
            "/rows/0/age: no number (2 cells have this fault, the first at /rows/0/age, /rows/1/age)");
  }
}
