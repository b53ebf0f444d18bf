package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
        model(column, vocabulary), TestPreparation.selection(dataset), null, violations);
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
                "/instances/1/shop", "'embedding_1' takes whole numbers from 0 to 3, got 4"),
            new Violation(
                "/instances/2/shop", "'embedding_1' takes whole numbers from 0 to 3, got -1"));
  }
}
