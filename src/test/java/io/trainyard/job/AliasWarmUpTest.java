package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AliasWarmUpTest {
  @Test
  void aVersionThatCannotAnswerIsPublishedWithoutItsAlias() {
    NewVersion version =
        new NewVersion(
            "m",
            StrictJson.parse("{}"),
            null,
            StrictJson.parse("{}"),
            new Provenance.Imported(Map.of()),
            new StoredWeights("ab", 0),
            List.of());
    AliasWarmUp warmUp =
        new AliasWarmUp(
            _ -> {
              throw new ServiceException(ErrorCode.NOT_ANSWERABLE, "no prediction");
            },
            _ -> {
              throw new AssertionError("it is not loaded");
            });

    try (var warmed =
        warmUp.warmUp(new Attempts.Publication(version, "{}", "production", null, null, null))) {
      assertThat(warmed.publication().version()).isSameAs(version);
      assertThat(warmed.publication().objection())
          .isEqualTo("the version cannot answer: no prediction");
    }
  }
}
