package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Specs;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputNamesTest {
  private static final VersionDefinition DEFINITION = definition();

  private static VersionDefinition definition() {
    ModelSpec model =
        Specs.network(
            "[5, 4]",
            "{'type': 'transformer_encoder', 'name': 'e', 'heads': 2, 'ff_dim': 4}",
            "{'type': 'gru', 'name': 'r', 'units': 2}",
            "{'type': 'dense', 'name': 'y', 'units': 1}");
    return new VersionDefinition(model, null, Specs.shapes(model));
  }

  @Test
  void aLayerThatActivatesInsideHasNoValueBefore() {
    OutputNames.check(List.of("e", "r", "y", "y:pre"), DEFINITION);
    assertThatThrownBy(() -> OutputNames.check(List.of("y", "r:pre", "e:pre"), DEFINITION))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e ->
                assertThat(e.violations())
                    .extracting(Violation::pointer, Violation::detail)
                    .containsExactly(
                        tuple(
                            "/outputs/1",
                            "'r' applies its activations inside, so it has no value before them:"
                                + " ask for 'r'"),
                        tuple(
                            "/outputs/2",
                            "'e' applies its activations inside, so it has no value before them:"
                                + " ask for 'e'")));
  }
}
