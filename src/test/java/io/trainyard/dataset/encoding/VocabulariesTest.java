package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.dataset.prepare.DatasetPlanner.Planned;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vocabularies that follow the encoding, through all that moves elements. */
class VocabulariesTest {
  private static final String SLICES =
      "{'type': 'slice', 'name': 'a', 'axis': 0, 'start': 0, 'end': 1, 'inputs': ['x']},"
          + "{'type': 'embedding', 'name': 'of_a', 'vocabulary': 'auto', 'dim': 2, 'inputs': ['a']},"
          + "{'type': 'slice', 'name': 'b', 'axis': -1, 'start': -1, 'inputs': ['x']},"
          + "{'type': 'embedding', 'name': 'of_b', 'vocabulary': 'auto', 'dim': 2, 'inputs': ['b']},"
          + "{'type': 'concat', 'inputs': ['of_a', 'of_b']},";

  private static final String ONE = "{'type': 'embedding', 'vocabulary': 'auto', 'dim': 2},";

  private final TestPreparation preparation = new TestPreparation();

  @BeforeEach
  void addRows() {
    preparation.datasets.csv(
        "t", "city,shop,part,at,y\nrome,0,1.5,1,1\noslo,7,2,2,2\nbonn,1,3,3,3\nrome,2,4,4,4\n");
  }

  private Planned plan(String input, String layers, Violations violations) {
    ModelSpec model =
        TestPreparation.model(
            """
            {"name": "m", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y"}},
             "network": {"layers": [%s {"type": "flatten"}, {"type": "dense", "units": 1}]}}
            """
                .formatted(input, layers)
                .replace('\'', '"'));
    return preparation.planner.check(
        new Preparation(model, TestPreparation.selection("{\"name\": \"t\"}"), null), violations);
  }

  private String vocabularies(String input, String layers) {
    Violations violations = new Violations();
    Planned planned = plan(input, layers, violations);
    assertThat(violations.list()).isEmpty();
    return new TreeMap<>(planned.vocabularies()).toString();
  }

  @Test
  void aVocabularyIsWhatTheColumnsNeedThatAreLookedUp() {
    String both = "'columns': ['city', 'shop'], 'encode': 'index'";
    assertThat(vocabularies(both, ONE)).isEqualTo("{embedding_1=8}");
    assertThat(vocabularies(both, SLICES)).isEqualTo("{of_a=3, of_b=8}");
    String unknown =
        "'columns': ['city', 'shop'], 'encode': {'city': 'index', 'shop': 'index'}, 'unknown':"
            + " 'index'";
    assertThat(vocabularies(unknown, SLICES)).isEqualTo("{of_a=4, of_b=5}");
    assertThat(
            vocabularies(
                "'columns': ['city'], 'encode': 'index', 'unknown': 'index', 'min_count': 2", ONE))
        .isEqualTo("{embedding_1=2}");
  }

  @Test
  void elementsAreFollowedThroughAllThatMovesThem() {
    String both = "'columns': ['city', 'shop'], 'encode': 'index'";
    for (String moves :
        List.of(
            "{'type': 'reshape', 'shape': [2, 1]}, {'type': 'slice', 'axis': 0, 'end': 1},",
            "{'type': 'repeat', 'n': 3}, {'type': 'permute', 'axes': [1, 0]}, {'type': 'slice',"
                + " 'axis': 0, 'end': 1},",
            "{'type': 'repeat', 'n': 3}, {'type': 'last_step'}, {'type': 'slice', 'axis': 0, 'end':"
                + " -1},",
            "{'type': 'concat', 'inputs': ['x', 'x'], 'axis': 0}, {'type': 'slice', 'axis': 0,"
                + " 'start': 2, 'end': 3},",
            "{'type': 'lambda', 'expression': 'x[0:1]'},",
            "{'type': 'lambda', 'expression': 'x[-2]'}, {'type': 'reshape', 'shape': [1]},",
            "{'type': 'repeat', 'n': 3}, {'type': 'lambda', 'expression': 'x[1:, :-1]'},",
            "{'type': 'repeat', 'n': 3}, {'type': 'lambda', 'expression': 'x[..., 0][:2]'},")) {
      assertThat(vocabularies(both, moves + ONE)).as(moves).isEqualTo("{embedding_1=3}");
    }
    assertThat(
            vocabularies(
                both + ", 'window': {'length': 2, 'order_by': 'at'}",
                "{'type': 'slice', 'axis': 1, 'end': 1}," + ONE))
        .isEqualTo("{embedding_1=3}");
  }

  /** What a slice takes is known, so its fractions are found before the job. */
  @Test
  void fractionsBehindASliceAreFound() {
    for (String slice :
        List.of(
            "{'type': 'slice', 'axis': 0, 'start': 1},",
            "{'type': 'lambda', 'expression': 'x[1:2]'},")) {
      Violations violations = new Violations();
      plan("'columns': ['shop', 'part']", slice + ONE.replace("'auto'", "10"), violations);
      assertThat(violations.list())
          .as(slice)
          .singleElement()
          .asString()
          .contains("column 'part' holds fractions such as 1.5");
    }
  }

  @Test
  void aSharedTableHasTheLargestVocabulary() {
    String both = "'columns': ['city', 'shop'], 'encode': 'index'";
    assertThat(
            vocabularies(
                both,
                SLICES.replace(
                    "'dim': 2, 'inputs': ['b']", "'dim': 2, 'share': 'of_a', 'inputs': ['b']")))
        .isEqualTo("{of_a=8, of_b=8}");
    assertThat(
            vocabularies(
                both,
                SLICES
                    .replace(
                        "'name': 'of_a', 'vocabulary': 'auto'", "'name': 'of_a', 'vocabulary': 9")
                    .replace(
                        "'dim': 2, 'inputs': ['b']", "'dim': 2, 'share': 'of_a', 'inputs': ['b']")))
        .isEqualTo("{of_b=9}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'columns': ['city'] | is one_hot",
        "'columns': ['shop'], 'scale': 'unit' | is scaled",
        "'columns': ['part'] | holds fractions such as 1.5",
      })
  void whatCannotBeToldIsRefusedWithItsPlace(String input, String detail) {
    Violations violations = new Violations();
    var _ = plan(input, ONE, violations);
    assertThat(violations.list())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/model/network/layers/0/vocabulary");
              assertThat(fault.detail()).contains(detail);
            });
  }

  @Test
  void aTableBehindASliceMustBeLargeEnough() {
    Violations violations = new Violations();
    var _ =
        plan(
            "'columns': ['city', 'shop'], 'encode': 'index'",
            SLICES.replace("'vocabulary': 'auto'", "'vocabulary': 3"),
            violations);
    assertThat(violations.list())
        .extracting(Violation::pointer, Violation::detail)
        .containsExactly(
            tuple(
                "/model/network/layers/3/vocabulary",
                "'of_b' takes whole numbers from 0 to 2, but column 'shop' holds numbers from 0 to"
                    + " 7"));
  }
}
