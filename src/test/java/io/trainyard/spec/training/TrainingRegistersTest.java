package io.trainyard.spec.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Specs;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every optimizer, loss and metric can be read by its own name, and only by that. */
class TrainingRegistersTest {
  /** MATLAB's names, and what they are here. */
  private static final Map<String, String> MATLAB =
      Map.of(
          "traingd", "gradient_descent",
          "traingdm", "gradient_descent_momentum",
          "traingda", "gradient_descent_adaptive",
          "traingdx", "gradient_descent_adaptive",
          "traincgp", "conjugate_gradient",
          "traincgf", "conjugate_gradient",
          "trainscg", "scaled_conjugate_gradient",
          "trainbfg", "bfgs",
          "trainlm", "levenberg_marquardt",
          "trainbr", "bayesian_regularization");

  @Test
  void everyOptimizerIsReadByItsName() {
    List<Class<?>> read = new ArrayList<>();
    for (OptimizerSpec.Name name : OptimizerSpec.Name.values()) {
      OptimizerSpec optimizer = optimizer("'" + word(name) + "'");
      assertThat(optimizer.type()).isEqualTo(MATLAB.getOrDefault(word(name), word(name)));
      assertThat(optimizer("{'type': '" + word(name) + "'}")).isEqualTo(optimizer);
      if (!read.contains(optimizer.getClass())) {
        read.add(optimizer.getClass());
      }
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(records(OptimizerSpec.class));
  }

  @Test
  void everyLossIsReadByItsName() {
    List<Class<?>> read = new ArrayList<>();
    for (LossSpec.Name name : LossSpec.Name.values()) {
      if (name == LossSpec.Name.EXPRESSION) {
        read.add(loss("{'type': 'expression', 'expression': 'abs(y_pred)'}").getClass());
        continue;
      }
      LossSpec loss = loss("'" + word(name) + "'");
      assertThat(loss("{'type': '" + word(name) + "'}")).isEqualTo(loss);
      if (name == LossSpec.Name.SPARSE_CATEGORICAL_CROSSENTROPY) {
        assertThat(loss).isEqualTo(loss("'categorical_crossentropy'"));
        continue;
      }
      assertThat(loss.type()).isEqualTo(word(name));
      read.add(loss.getClass());
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(leaves(LossSpec.class));
  }

  /** The records of a sealed type. */
  private static List<Class<?>> leaves(Class<?> type) {
    Class<?>[] below = type.getPermittedSubclasses();
    return below == null
        ? List.of(type)
        : Arrays.stream(below).flatMap(each -> leaves(each).stream()).toList();
  }

  @Test
  void everyMetricIsReadByItsName() {
    for (Metric metric : Metric.values()) {
      assertThat(Metric.of(metric.word())).contains(metric);
    }
  }

  /** These words stand in stored specs and in the records of epochs. */
  @Test
  void namesAreFixed() {
    assertThat(Arrays.stream(OptimizerSpec.Name.values()).map(TrainingRegistersTest::word))
        .containsExactly(
            "sgd",
            "adam",
            "adamw",
            "nadam",
            "adamax",
            "radam",
            "rmsprop",
            "adagrad",
            "adadelta",
            "rprop",
            "lion",
            "lbfgs",
            "gradient_descent",
            "gradient_descent_momentum",
            "gradient_descent_adaptive",
            "delta_bar_delta",
            "conjugate_gradient",
            "scaled_conjugate_gradient",
            "bfgs",
            "levenberg_marquardt",
            "bayesian_regularization",
            "perceptron",
            "traingd",
            "traingdm",
            "traingda",
            "traingdx",
            "trainrp",
            "traincgp",
            "traincgf",
            "trainscg",
            "trainbfg",
            "trainlm",
            "trainbr");
    assertThat(Arrays.stream(LossSpec.Name.values()).map(TrainingRegistersTest::word))
        .containsExactly(
            "mse",
            "mae",
            "rmse",
            "sse",
            "huber",
            "log_cosh",
            "mape",
            "msle",
            "quantile",
            "smooth_l1",
            "gaussian_nll",
            "poisson",
            "cosine",
            "cox",
            "binary_crossentropy",
            "categorical_crossentropy",
            "sparse_categorical_crossentropy",
            "focal",
            "kl_divergence",
            "nll",
            "hinge",
            "squared_hinge",
            "expression");
    assertThat(Metric.words())
        .containsExactly(
            "accuracy",
            "balanced_accuracy",
            "top_k_accuracy",
            "precision",
            "recall",
            "f1",
            "auc",
            "pr_auc",
            "mcc",
            "log_loss",
            "brier",
            "ece",
            "coverage",
            "interval_width",
            "mse",
            "rmse",
            "mae",
            "mape",
            "r2",
            "concordance");
  }

  @Test
  void anUnknownNameIsRefused() {
    for (String optimizer : List.of("'adamx'", "{'type': 'adamx'}", "''", "{'type': ''}")) {
      Violations violations = new Violations();
      OptimizerSpec read =
          OptimizerSpec.read(
              JsonObject.of(Specs.json("{'optimizer': " + optimizer + "}"), "", violations));
      assertThat(read).as(optimizer).isNull();
      assertThat(violations.list()).hasSize(1);
    }
  }

  @Test
  void everyOptimizerLossAndMetricIsDocumented() throws IOException {
    for (Class<?> optimizer : records(OptimizerSpec.class)) {
      Class<?> file = optimizer.isMemberClass() ? optimizer.getDeclaringClass() : optimizer;
      String access = optimizer.isMemberClass() ? "" : "public ";
      assertDocumented(file, access + "record " + optimizer.getSimpleName() + "(");
    }
    for (Class<?> loss : leaves(LossSpec.class)) {
      Class<?> file = Objects.requireNonNullElse(loss.getEnclosingClass(), loss);
      assertDocumented(file, "record " + loss.getSimpleName() + "(");
    }
    for (Metric metric : Metric.values()) {
      assertDocumented(Metric.class, metric.name());
    }
  }

  /** The records of a sealed type, in all its families. */
  private static List<Class<?>> records(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses())
            .flatMap(each -> records(each).stream())
            .toList()
        : List.of(type);
  }

  private static void assertDocumented(Class<?> file, String declaration) throws IOException {
    String source =
        Files.readString(Path.of("src/main/java", file.getName().replace('.', '/') + ".java"));
    assertThat(source)
        .as(declaration)
        .containsPattern("\\*/\\s+(public )?" + Pattern.quote(declaration));
  }

  private static OptimizerSpec optimizer(String json) {
    return Specs.training("{'loss': 'mse', 'epochs': 1, 'optimizer': " + json + "}").optimizer();
  }

  private static LossSpec loss(String json) {
    return Objects.requireNonNull(
        Specs.training("{'epochs': 1, 'loss': " + json + "}").losses().byOutput().get(""));
  }

  private static String word(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }
}
