package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexRangeTest {
  private final TestPreparation preparation = new TestPreparation();

  @BeforeEach
  void addRows() {
    preparation.datasets.csv("t", "city,shop,y\nrome,0,1\noslo,3,2\nbonn,1,3\nrome,2,4\n");
    preparation.datasets.condition("shop < 3", row -> row.get("shop").intValue() < 3);
  }

  private static ModelSpec model(String column, int vocabulary) {
    return TestPreparation.model(
        """
        {"name": "m", "inputs": {"x": {"columns": ["%s"], "encode": "index"}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "embedding", "vocabulary": %d, "dim": 2},
           {"type": "flatten"}, {"type": "dense", "units": 1}]}}
        """
            .formatted(column, vocabulary));
  }

  private List<Violation> violations(String column, int vocabulary, String dataset) {
    Violations violations = new Violations();
    preparation.planner.plan(
        new Preparation(model(column, vocabulary), TestPreparation.selection(dataset), null),
        violations);
    return violations.list();
  }

  @Test
  void aVocabularyThatIsTooSmallIsRefusedBeforeAnythingIsTrained() {
    assertThat(violations("city", 3, "{\"name\": \"t\"}")).isEmpty();
    assertThat(violations("city", 2, "{\"name\": \"t\"}"))
        .containsExactly(
            new Violation(
                "/model/network/layers/0/vocabulary",
                "'embedding_1' takes whole numbers from 0 to 1, but column 'city' has 3 categories:"
                    + " 0 to 2"));
    assertThat(violations("shop", 4, "{\"name\": \"t\"}")).isEmpty();
    assertThat(violations("shop", 3, "{\"name\": \"t\"}"))
        .containsExactly(
            new Violation(
                "/model/network/layers/0/vocabulary",
                "'embedding_1' takes whole numbers from 0 to 2, but column 'shop' holds numbers"
                    + " from 0 to 3"));
    assertThat(violations("shop", 3, "{\"name\": \"t\", \"where\": \"shop < 3\"}")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'columns': ['shop'], 'encode': 'index', 'scale': 'unit' | is scaled",
        "'columns': ['city']                                     | is one_hot",
        "'columns': ['part']                                     | holds fractions such as 1.5",
        "'columns': ['below']                                    | holds numbers from -1",
        "'columns': ['gaps'], 'impute': 'median'                 | is filled with an average",
        "'columns': ['gaps'], 'impute': {'constant': 9}          | is filled with 9",
        "'columns': ['shop'], 'shape': [1, 1]                    | ``",
        "'columns': ['gaps'], 'impute': 'most_frequent'          | ``"
      },
      quoteCharacter = '`')
  void whatAnEmbeddingCannotLookUpIsRefused(String input, String detail) {
    preparation.datasets.csv(
        "t", "city,shop,part,below,gaps,y\nrome,0,1.0,-1,,1\noslo,3,2.0,2,2,2\nbonn,1,1.5,1,1,3\n");
    ModelSpec model =
        TestPreparation.model(
            """
            {"name": "m", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y"}},
             "network": {"layers": [{"type": "flatten"}, {"type": "embedding", "vocabulary": 4, "dim": 2},
               {"type": "flatten"}, {"type": "dense", "units": 1}]}}
            """
                .formatted(input.replace('\'', '"')));
    Violations violations = new Violations();
    var _ =
        preparation.planner.plan(
            new Preparation(model, TestPreparation.selection("{\"name\": \"t\"}"), null),
            violations);
    if (detail.isEmpty()) {
      assertThat(violations.list()).isEmpty();
    } else {
      assertThat(violations.list())
          .singleElement()
          .satisfies(
              fault -> {
                assertThat(fault.pointer()).isEqualTo("/model/network/layers/1/vocabulary");
                assertThat(fault.detail()).contains(detail);
              });
    }
  }

  /** The smallest and the largest element are whole, and neither tells of those looked up. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 1 | ``",
        "1 | 2 | holds fractions such as 1.5",
        "2 | 3 | holds numbers such as 9",
        "0 | 2 | holds fractions such as 1.5",
        "3 | 4 | holds numbers such as -1",
        "4 | 5 | ``"
      },
      quoteCharacter = '`')
  void everyRowOfATensorIsLookedAtBehindASlice(int start, int end, String detail) {
    preparation.datasets.json(
        "tensors",
        """
        [{"t": [0, 1, 9, -1, 3], "y": 1}, {"t": [2, 0, 9, -1, 3], "y": 2},
         {"t": [1, 2, 9, -1, 3], "y": 3}, {"t": [1, 1.5, 9, -1, 3.00000001], "y": 4}]
        """);
    ModelSpec model =
        TestPreparation.model(
            """
            {"name": "m", "inputs": {"x": {"columns": ["t"]}}, "targets": {"y": {"column": "y"}},
             "network": {"layers": [{"type": "slice", "axis": 0, "start": %d, "end": %d},
               {"type": "embedding", "vocabulary": 4, "dim": 2}, {"type": "flatten"},
               {"type": "dense", "units": 1}]}}
            """
                .formatted(start, end));
    Violations violations = new Violations();
    var _ =
        preparation.planner.plan(
            new Preparation(model, TestPreparation.selection("{\"name\": \"tensors\"}"), null),
            violations);
    assertThat(violations.list()).hasSize(detail.isEmpty() ? 0 : 1);
    assertThat(violations.list().toString()).contains(detail);
  }

  @Test
  void validationRowsAreCheckedToo() {
    preparation.datasets.csv("v", "city,shop,y\nrome,7,1\n");
    assertThat(
            violations("shop", 4, "{\"name\": \"t\", \"validation_dataset\": {\"name\": \"v\"}}"))
        .extracting(Violation::detail)
        .containsExactly(
            "'embedding_1' takes whole numbers from 0 to 3, but column 'shop' holds numbers from 7"
                + " to 7");
  }

  @Test
  void anInstanceBeyondTheVocabularyIsNamedByPointer() {
    ModelSpec model = model("shop", 4);
    Encoding encoding = preparation.plan(model, "{\"name\": \"t\"}").encoding();
    IndexRange range = new IndexRange(model.network(), encoding);
    range.check(encoding.encode(json("[{\"shop\": 3}]"), "/instances", 0), "/instances");
    ServiceException refusal =
        catchThrowableOfType(
            ServiceException.class,
            () ->
                range.check(
                    encoding.encode(
                        json("[{\"shop\": 3}, {\"shop\": 4}, {\"shop\": -1}]"), "/instances", 0),
                    "/instances"));
    assertThat(refusal.violations())
        .containsExactly(
            new Violation(
                "/instances/1/shop",
                "'embedding_1' takes whole numbers from 0 to 3, got 4",
                2L,
                List.of("/instances/1/shop", "/instances/2/shop")));
  }
}
