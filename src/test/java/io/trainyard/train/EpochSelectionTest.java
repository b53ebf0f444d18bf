package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.Specs;
import io.trainyard.spec.training.MetricSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochSelectionTest {
  private static final Map<String, MetricSpec> METRICS =
      Specs.training("{'loss':'mse','epochs':5,'metrics':['accuracy','mae']}").metrics("").stream()
          .collect(Collectors.toMap(MetricSpec::name, metric -> metric));

  /** Each value is best in another epoch. */
  private static final List<Map<String, Double>> EPOCHS =
      List.of(
          Map.of("loss", 4.0, "val_loss", 1.0, "val_mae", 3.0, "val_accuracy", 0.5),
          Map.of("loss", 3.0, "val_loss", 2.0, "val_mae", 1.0, "val_accuracy", 0.6),
          Map.of("loss", 2.0, "val_loss", 3.0, "val_mae", 2.0, "val_accuracy", 0.9),
          Map.of("loss", 1.0, "val_loss", 4.0, "val_mae", 4.0, "val_accuracy", 0.8),
          Map.of("loss", 5.0, "val_loss", 5.0, "val_mae", 5.0, "val_accuracy", 0.7));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "true  | 1 | ``",
        "false | 5 | ``",
        "true  | 5 | ,'publish':'last'",
        "true  | 2 | ,'monitor':'val_mae'",
        "true  | 3 | ,'early_stopping':{'monitor':'val_accuracy','patience':9}",
        "true  | 4 | ,'early_stopping':{'monitor':'loss','patience':9}",
        "true  | 5 | ,'early_stopping':{'monitor':'val_mae','mode':'max','patience':9}",
        "true  | 2 | ,'early_stopping':{'monitor':'val_accuracy','patience':9},'monitor':'val_mae'",
        "true  | 5 | ,'early_stopping':{'monitor':'val_accuracy','patience':9},'publish':'last'",
        "false | 5 | ,'early_stopping':{'monitor':'loss','patience':9}",
        "false | 4 | ,'early_stopping':{'monitor':'loss','patience':9},'publish':'best'",
        "false | 4 | ,'monitor':'loss'",
      })
  void publishedEpochFollowsTheMonitor(boolean validated, int epoch, String members) {
    EpochSelection selection =
        new EpochSelection(
            Specs.training("{'loss':'mse','epochs':5" + members + "}"), validated, METRICS);

    for (int i = 0; i < EPOCHS.size(); i++) {
      var _ = selection.add(new EpochRecord(i + 1, "", EPOCHS.get(i), 0.1, 1));
    }

    assertThat(Objects.requireNonNull(selection.best()).epoch()).isEqualTo(epoch);
  }
}
