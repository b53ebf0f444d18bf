package io.trainyard.spec.training;

import static io.trainyard.spec.Specs.training;
import static io.trainyard.spec.Specs.trainingFaults;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.training.TrainingSpec.EarlyStopping;
import io.trainyard.spec.training.TrainingSpec.Mode;
import io.trainyard.spec.training.TrainingSpec.Publish;
import io.trainyard.spec.training.optimizer.AdamFamily.Adam;
import io.trainyard.spec.training.optimizer.AdamFamily.AdamW;
import io.trainyard.spec.training.optimizer.AdamFamily.Decays;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.Sgd;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingReaderTest {

  @Test
  void onlyLossAndEpochsAreRequired() {
    TrainingSpec training = training("{'loss': 'mse', 'epochs': 3}");

    assertThat(training.losses().of("y", "anything")).isEqualTo(new NumberLoss.Mse());
    assertThat(training.optimizer())
        .isEqualTo(new Adam(new Decays(0.001, 0.9, 0.999, 1e-8, new ScheduledNumber(0)), false));
    assertThat(training.batchSize()).isEqualTo(32);
    assertThat(training.seed()).isEmpty();
    assertThat(training.shuffle()).isTrue();
    assertThat(training.metrics("y")).isEmpty();
    assertThat(training.monitor()).isNull();
    assertThat(training.publish()).isNull();
    assertThat(training.earlyStopping()).isNull();
    assertThat(training.updates().clipNorm()).isNull();
    assertThat(training.updates().clipValue()).isNull();
    assertThat(training.stopping()).isEqualTo(new StoppingRules(null, null, null, null, 0));
    assertThat(trainingFaults("{}"))
        .containsExactlyInAnyOrder("/loss: 'loss' is required", "/epochs: 'epochs' is required");
  }

  @Test
  void readsEveryMember() {
    TrainingSpec training =
        training(
            """
            {'losses': {'a': {'type': 'categorical_crossentropy', 'from_logits': true}, 'b': 'mae'},
             'loss_weights': {'b': 0.5},
             'optimizer': {'type': 'sgd', 'learning_rate': 0.1, 'momentum': 0.9, 'nesterov': true,
                           'weight_decay': 0.01},
             'epochs': 1000000, 'batch_size': 1, 'seed': 9007199254740991, 'shuffle': false,
             'metrics': ['accuracy', 'rmse', 'mse', 'mae', 'r2'], 'monitor': 'val_accuracy',
             'publish': 'last', 'gradient_clipping': {'norm': 1.5}, 'time_limit_seconds': 0.5,
             'goal': -0.5, 'max_fail': 6, 'min_gradient': 1e-5,
             'early_stopping': {'monitor': 'loss', 'mode': 'max', 'patience': 3, 'min_delta': 0.1}}
            """);

    assertThat(training.losses().of("y", "a"))
        .isEqualTo(new ClassLoss.CategoricalCrossentropy(true, 0));
    assertThat(training.losses().of("z", "b")).isEqualTo(new NumberLoss.Mae());
    assertThat(training.losses().weights()).containsEntry("b", 0.5);
    assertThat(training.optimizer()).isEqualTo(new Sgd(0.1, 0.9, true, new ScheduledNumber(0.01)));
    assertThat(training.seed()).hasValue(9007199254740991L);
    assertThat(training.shuffle()).isFalse();
    assertThat(training.metrics("y")).hasSize(5);
    assertThat(training.publish()).isEqualTo(Publish.LAST);
    assertThat(training.updates().clipNorm()).isEqualTo(1.5);
    assertThat(training.stopping())
        .isEqualTo(
            new StoppingRules(new EarlyStopping("loss", Mode.MAX, 3, 0.1), -0.5, 6, 1e-5, 0.5));
  }

  @Test
  void adamWHasTheWeightDecayOfPyTorchByDefault() {
    assertThat(training("{'loss': 'mse', 'epochs': 1, 'optimizer': 'adamw'}").optimizer())
        .isEqualTo(
            new AdamW(new Decays(0.001, 0.9, 0.999, 1e-8, new ScheduledNumber(0.01)), false));
    assertThat(training("{'loss': 'mse', 'epochs': 1, 'optimizer': 'sgd'}").optimizer())
        .isEqualTo(new Sgd(0.01, 0, false, new ScheduledNumber(0)));
  }

  /** A log-likelihood goes below 0 and on. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'mse' | 0.0",
        "'categorical_crossentropy' | 0.0",
        "'gaussian_nll' |",
        "'poisson' |",
        "{'type':'expression','expression':'-y_true * y_pred'} |"
      })
  void onlyALossThatCannotBeLowerHasTheGoalZero(String loss, @Nullable Double goal) {
    String members = "{'loss':%s,'optimizer':'trainrp'}".formatted(loss);

    assertThat(training(members).stopping().goal()).isEqualTo(goal);
    assertThat(training("{'goal':-2," + members.substring(1)).stopping().goal()).isEqualTo(-2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "goal",
        "min_gradient",
        "max_fail",
        "time_limit_seconds",
        "label_smoothing",
        "gradient_accumulation",
        "batch_size",
        "seed"
      })
  void aMemberThatIsNoNumberIsOneFault(String member) {
    assertThat(trainingFaults("{'loss':'mse','epochs':1,'" + member + "':'small'}"))
        .singleElement()
        .asString()
        .startsWith("/" + member + ": ");
  }

  @ParameterizedTest
  @EnumSource(OptimizerSpec.Name.class)
  void epochsAreMissedWhereTheyHaveNoDefault(OptimizerSpec.Name name) {
    String type = name.name().toLowerCase(Locale.ROOT);
    String members = "{'loss':'mse','optimizer':{'type':'" + type + "','colour':'red'}}";
    int defaulted =
        training("{'loss':'mse','epochs':1,'optimizer':'" + type + "'}")
            .optimizer()
            .defaults()
            .epochs();

    String missed = "/epochs: 'epochs' is required";
    if (defaulted == 0) {
      assertThat(trainingFaults(members)).contains(missed);
    } else {
      assertThat(trainingFaults(members)).isNotEmpty().doesNotContain(missed);
    }
  }

  @Test
  void reportsAllFaultsWithTheirPointers() {
    assertThat(
            trainingFaults(
                """
                {'loss': 'mean', 'epochs': 0, 'batch_size': 2.5, 'seed': -1, 'shuffle': 'yes',
                 'optimizer': {'type': 'adam', 'learning_rate': -1, 'rho': 3},
                 'metrics': ['accuracy', 'accuracy', 'acc'], 'publish': 'newest',
                 'early_stopping': {'mode': 'up', 'min_delta': -1},
                 'gradient_clipping': {'norm': 1, 'value': 0}, 'time_limit_seconds': 0,
                 'goal': 'small', 'max_fail': 0, 'min_gradient': -1,
                 'colour': 'red'}
                """))
        .containsExactlyInAnyOrder(
            "/loss: One of mse, mae, rmse, sse, huber, log_cosh, mape, msle, quantile, smooth_l1,"
                + " gaussian_nll, poisson, cosine, cox, binary_crossentropy,"
                + " categorical_crossentropy, sparse_categorical_crossentropy, focal,"
                + " kl_divergence, nll, hinge, squared_hinge, expression was expected, got 'mean'",
            "/epochs: A whole number from 1 to 1000000 was expected, got 0",
            "/batch_size: A whole number from 1 to 1048576 was expected, got 2.5",
            "/seed: A whole number from 0 to 9007199254740991 was expected, got -1",
            "/shuffle: true or false was expected, got the string 'yes'",
            "/optimizer/learning_rate: learning_rate must be above 0 and at most 1e6, was -1.0",
            "/optimizer/rho: Unknown member 'rho'; known here: amsgrad, beta_1, beta_2, epsilon,"
                + " learning_rate, type, weight_decay",
            "/metrics/1: The metric 'accuracy' is listed twice",
            "/metrics/2: There is no metric 'acc'; did you mean 'accuracy'? There are accuracy,"
                + " balanced_accuracy, top_k_accuracy, precision, recall, f1, auc, pr_auc, mcc,"
                + " log_loss, brier, ece, coverage, interval_width, mse, rmse, mae, mape, r2,"
                + " concordance, expression",
            "/publish: One of best, last was expected, got 'newest'",
            "/early_stopping/mode: One of min, max was expected, got 'up'",
            "/early_stopping/patience: 'patience' is required",
            "/early_stopping/min_delta: min_delta must be at least 0, was -1.0",
            "/gradient_clipping: One of 'norm' and 'value' was expected",
            "/gradient_clipping/value: A number above 0 was expected, got 0.0",
            "/time_limit_seconds: A number above 0 and at most 1.0E9 was expected, got 0.0",
            "/goal: A number was expected, got the string 'small'",
            "/max_fail: A whole number from 1 to 1000000 was expected, got 0",
            "/min_gradient: A number of at least 0 was expected, got -1.0",
            "/colour: Unknown member 'colour'; known here: batch_size, calibration, class_weights,"
                + " diagnostics, early_stopping, ema, ensemble, epochs, find_learning_rate, goal,"
                + " gradient_accumulation, gradient_clipping, intervals, label_smoothing,"
                + " learning_rate_schedule, learning_rates, loss, loss_weights, losses, max_fail,"
                + " metrics, min_gradient, monitor, optimizer, phases, precision, publish,"
                + " repeat_phases, sample_weight, seed, shuffle, time_limit_seconds,"
                + " weight_decay_exclude");
  }

  @Test
  void optimizersThatSolveEquationsComputeWithDoubles() {
    assertThat(training("{'loss':'mse','epochs':1,'optimizer':'adam'}").precision())
        .isEqualTo(Precision.FLOAT32);
    assertThat(training("{'loss':'mse','epochs':1,'optimizer':'trainlm'}").precision())
        .isEqualTo(Precision.FLOAT64);
    assertThat(
            training("{'loss':'mse','epochs':1,'optimizer':'trainlm','precision':'float32'}")
                .precision())
        .isEqualTo(Precision.FLOAT32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "1", "1.5"})
  void labelsAreSmoothedByAShareBelowOne(String share) {
    String members = "{'loss':'nll','epochs':1,'label_smoothing':%s}";
    assertThat(trainingFaults(members.formatted(share)))
        .singleElement()
        .asString()
        .startsWith("/label_smoothing: A number in [0, 1) was expected, got ");
    assertThat(trainingFaults(members.formatted("0"))).isEmpty();
    assertThat(trainingFaults(members.formatted("0.99"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"losses", "loss_weights"})
  void lossesAreOfABoundedNumberOfOutputs(String member) {
    String given = member.equals("losses") ? "'mse'" : "1";
    String loss = member.equals("losses") ? "" : "'loss':'mse',";
    for (int count : new int[] {2_000, 2_001}) {
      String outputs =
          IntStream.range(0, count)
              .mapToObj(i -> "'o%d':%s".formatted(i, given))
              .collect(Collectors.joining(","));
      Iterable<String> faults =
          trainingFaults("{%s'epochs':1,'%s':{%s}}".formatted(loss, member, outputs));
      if (count == 2_000) {
        assertThat(faults).isEmpty();
      } else {
        assertThat(faults)
            .containsExactly("/" + member + ": At most 2000 outputs were expected, got 2001");
      }
    }
  }

  @Test
  void theBestEpochIsThatOfTheMonitorOrOfEarlyStopping() {
    String stopping = "'early_stopping':{'monitor':'val_mae','mode':'min','patience':1}";
    assertThat(training("{'loss':'mse','epochs':1}").bestBy()).isEqualTo("val_loss");
    assertThat(training("{'loss':'mse','epochs':1,%s}".formatted(stopping)).bestBy())
        .isEqualTo("val_mae");
    assertThat(
            training("{'loss':'mse','epochs':1,'monitor':'loss',%s}".formatted(stopping)).bestBy())
        .isEqualTo("loss");
  }

  /** Beside the weights and gradients of Adam: its two moments, and what else is kept. */
  @Test
  void whatATrainingKeepsCountsInWeights() {
    String adam = "{'loss':'mse','epochs':1%s}";
    assertThat(training(adam.formatted("")).stateTensors()).isEqualTo(2);
    assertThat(training(adam.formatted(",'gradient_accumulation':4")).stateTensors()).isEqualTo(3);
    assertThat(training(adam.formatted(",'ema':{'decay':0.9}")).stateTensors()).isEqualTo(4);
  }
}
