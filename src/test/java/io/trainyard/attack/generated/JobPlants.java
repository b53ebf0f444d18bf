package io.trainyard.attack.generated;

import static io.trainyard.attack.generated.Plants.remove;
import static io.trainyard.attack.generated.Plants.set;
import static io.trainyard.attack.generated.Plants.unknown;

import io.trainyard.attack.generated.Plants.Plant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Valid jobs, each with the faults that fit it. */
final class JobPlants {
  private static final String LAYERS = "/model/network/layers/";

  private JobPlants() {}

  /** A valid job and its faults. */
  record Base(String body, List<Plant> plants) {
    ObjectNode copy() {
      return GeneratedJobs.object(body);
    }
  }

  static List<Base> all() {
    return List.of(classes(), numbers(), phases(), window());
  }

  private static Base classes() {
    return new Base(
        """
        {'model': {'name': 'planted', 'inputs': {'x': {'columns': ['n0', 'n1', 's0'], 'scale': {'n0': 'standard', 'n1': 'standard'}}},
          'targets': {'t': {'column': 'label'}},
          'network': {'layers': [{'type': 'dense', 'name': 'a', 'units': 4, 'activation': 'relu'},
            {'type': 'batch_norm', 'name': 'b'}, {'type': 'dropout', 'name': 'c', 'rate': 0.1},
            {'type': 'dense', 'name': 'd', 'units': 3, 'activation': 'softmax'}]}},
         'dataset': {'name': 'generated-mixed', 'split': {'validation': 0.2, 'test': 0.1, 'stratify': 'label'},
           'where': 'n0 > -100'},
         'training': {'loss': 'categorical_crossentropy', 'optimizer': {'type': 'adam', 'learning_rate': 0.01},
           'epochs': 2, 'metrics': ['accuracy'], 'early_stopping': {'monitor': 'val_loss', 'patience': 1},
           'learning_rate_schedule': {'type': 'cosine'}, 'class_weights': {'red': 2}},
         'resources': {'device': 'auto'}, 'on_success': {'alias': 'best', 'when': {'val_accuracy': {'min': 0}}}}
        """,
        Stream.of(
                unknown(
                    "",
                    "/model",
                    "/model/inputs/x",
                    "/model/targets/t",
                    "/model/network",
                    LAYERS + 0,
                    LAYERS + 1,
                    LAYERS + 2,
                    "/dataset",
                    "/dataset/split",
                    "/training",
                    "/training/optimizer",
                    "/training/early_stopping",
                    "/training/learning_rate_schedule",
                    "/resources",
                    "/on_success",
                    "/on_success/when/val_accuracy"),
                outside(),
                training(),
                Stream.of(
                    set("/model/inputs/x/columns/1", "'nothing'").hiding("/training/class_weights"),
                    set("/model/inputs/x/scale", "'big'"),
                    set("/model/inputs/x/impute", "'guess'"),
                    set("/model/inputs/x/encode", "'letters'"),
                    set("/model/inputs/x/encode", "{'n7': 'one_hot'}"),
                    set("/model/inputs/x/scale/n0", "'big'"),
                    // A condition may select smaller numbers alone.
                    set("/model/inputs/x/scale/n1", "{'divide': 1e-300}").hiding("/dataset/where"),
                    set("/model/inputs/x/impute/n0", "'guess'"),
                    set("/model/inputs/x/impute/n1", "{'constant': 1e300}"),
                    set("/model/inputs/x/impute/s0", "'mean'"),
                    set("/model/inputs/x/impute/nothing", "'mean'"),
                    set("/model/inputs/x/encode/s0", "'letters'"),
                    set("/model/targets/t/column", "'nothing'").hiding(ofTarget()),
                    set("/model/targets/t/scale", "'standard'"),
                    set("/model/targets/t/output", "'e'").hiding(ofTarget()),
                    set(LAYERS + "0/units", "0"),
                    set(LAYERS + "0/activation", "'rely'"),
                    set(LAYERS + "0/initializer", "'big'"),
                    set(LAYERS + "0/regularizer", "{'l2': -1}"),
                    set(LAYERS + "0/bias", "'no'"),
                    remove(LAYERS + "0/units"),
                    set(LAYERS + "1/momentum", "3"),
                    set(LAYERS + "1/epsilon", "-1"),
                    set(LAYERS + "1/type", "'batchnormal'").hiding(LAYERS + 1),
                    remove(LAYERS + "2/rate"),
                    set(LAYERS + "2/rate", "1.5"),
                    set(LAYERS + "2/name", "'a'"),
                    set(LAYERS + "2/trainable", "'no'"),
                    set(LAYERS + "3/inputs", "['nobody']"),
                    set("/model/network/data_format", "'channels'"),
                    // With a loss of numbers, the class is a number.
                    set("/training/metrics/0", "'mae'").hiding("/training/loss"),
                    set("/training/metrics", "[{'type': 'f1', 'average': 'all'}]"),
                    set("/training/class_weights", "{'purple': 2}"),
                    set("/training/class_weights", "{'red': -2}"),
                    set("/training/loss", "{'type': 'focal', 'gamma': -1, 'alpha': 3}"),
                    set("/training/loss", "{'zz': 1}").hiding("/training/metrics/0"),
                    set("/training/label_smoothing", "3"),
                    set("/dataset/split/stratify", "'nothing'")))
            .flatMap(plants -> plants)
            .toList());
  }

  /** What is known only of a target with values. */
  private static String[] ofTarget() {
    return new String[] {
      "/training/class_weights", "/training/metrics", "/training/loss", "/model/targets/t/scale"
    };
  }

  /** Faults of the rows and of what is around the model and its training. */
  private static Stream<Plant> outside() {
    return Stream.of(
        remove("/dataset/name").hiding(rows()),
        set("/dataset/name", "'nothing'").hiding(rows()),
        set("/dataset/version", "99").hiding(rows()),
        set("/dataset/version", "'first'").hiding(rows()),
        set("/dataset/where", "'n0 >'"),
        set("/dataset/where", "'nothing > 1'"),
        set("/dataset/where", "'1 = 2'"),
        set("/dataset/where", "7"),
        set("/dataset/split/validation", "1.5"),
        set("/dataset/split/test", "-1"),
        set("/dataset/split/test", "'some'"),
        set("/dataset/split/by", "'luck'"),
        set("/dataset/split/fold", "{'number': 7, 'of': 3}"),
        set("/dataset/split", "0.2"),
        set("/dataset/validation_dataset", "{'name': 7}"),
        set("/priority", "1000"),
        set("/priority", "'high'"),
        set("/resources/device", "'tpu'"),
        set("/resources/threads", "-1"),
        set("/resources/pool", "'nowhere'"),
        set("/initial_weights", "{'model': 'planted'}"),
        set("/initial_weights", "{'model': 'nobody', 'version': 1}"),
        set("/initial_weights", "{'job': 'nobody'}"),
        set("/on_success/alias", "'latest'"),
        set("/on_success/when/val_fortune", "{'min': 1}"),
        set("/on_success/when/val_loss", "{}"),
        set("/on_success/when/val_loss", "{'min': 'low'}"));
  }

  private static String[] rows() {
    return new String[] {
      "/dataset/version",
      "/dataset/where",
      "/dataset/split",
      "/model/inputs/x/window",
      "/model/inputs/x/columns",
      "/model/inputs/x/scale",
      "/model/inputs/x/impute/s0",
      "/model/inputs/x/impute/n1",
      "/model/targets/t/column",
      "/training/class_weights",
      "/training/sample_weight",
      "/training/metrics",
      "/training/phases/1/metrics",
      "/model/targets/t/offset",
      "/model/targets/t/scale",
      "/training/loss"
    };
  }

  private static Stream<Plant> training() {
    return Stream.of(
        remove("/training/epochs"),
        set("/training/epochs", "0"),
        set("/training/batch_size", "0"),
        set("/training/seed", "-1"),
        set("/training/shuffle", "1"),
        remove("/training/loss"),
        set("/training/loss", "'luck'"),
        set("/training/optimizer", "'luck'"),
        remove("/training/optimizer/type"),
        set("/training/optimizer/learning_rate", "-1"),
        set("/training/optimizer/beta_1", "2"),
        set("/training/metrics/0", "'luck'"),
        set("/training/metrics", "7"),
        set("/training/monitor", "'val_luck'"),
        set("/training/publish", "'luck'"),
        set("/training/early_stopping/patience", "0"),
        set("/training/early_stopping/monitor", "'val_luck'"),
        set("/training/early_stopping/mode", "'up'"),
        set("/training/goal", "'low'"),
        set("/training/max_fail", "0"),
        set("/training/min_gradient", "-1"),
        set("/training/time_limit_seconds", "-1"),
        set("/training/sample_weight", "'nothing'"),
        set("/training/gradient_clipping", "{'norm': -1}"),
        set("/training/gradient_accumulation", "0"),
        set("/training/ema", "{'decay': 3}"),
        set("/training/ema", "{}"),
        set("/training/precision", "'float8'"),
        set("/training/learning_rate_schedule", "{'type': 'step', 'every': 0, 'factor': -1}"),
        set("/training/learning_rate_schedule/warmup_epochs", "-1"),
        set("/training/diagnostics", "['luck']"),
        set("/training/learning_rates", "{'nobody': 0.1}"),
        set("/training/learning_rates", "{'a': -1}"),
        set("/training/weight_decay_exclude", "['luck']"),
        set("/training/repeat_phases", "2"),
        set("/training/loss_weights", "{'nobody': 1}"),
        set("/training/surplus2", "1"));
  }

  private static Base numbers() {
    return new Base(
        """
        {'model': {'name': 'planted', 'inputs': {'x': {'columns': ['n0', 'n1']}, 'z': {'columns': ['i0'], 'encode': 'index'}},
          'targets': {'t': {'column': 'y', 'scale': 'standard', 'output': 'p'}, 'u': {'column': 'flag', 'output': 'q'}},
          'network': {'outputs': ['p', 'q'], 'layers': [
            {'type': 'embedding', 'name': 'e', 'vocabulary': 5, 'dim': 2, 'inputs': ['z']},
            {'type': 'flatten', 'name': 'f'},
            {'type': 'concat', 'name': 'a', 'axis': -1, 'inputs': ['x', 'f']},
            {'type': 'lambda', 'name': 'l', 'expression': 'x * 2 + b', 'parameters': {'b': 1}},
            {'type': 'dense', 'name': 'p', 'units': 1},
            {'type': 'dense', 'name': 'q', 'units': 1, 'activation': 'sigmoid', 'inputs': ['l']}]}},
         'dataset': {'name': 'generated-mixed', 'split': {'validation': 0.2}},
         'training': {'losses': {'p': 'mse', 'q': 'binary_crossentropy'}, 'loss_weights': {'p': 0.5},
           'optimizer': {'type': 'sgd', 'momentum': 0.9}, 'epochs': 2, 'metrics': {'t': ['mae'], 'u': ['f1']}}}
        """,
        Stream.of(
                unknown(
                    "",
                    "/model/inputs/x",
                    "/model/inputs/z",
                    "/model/targets/t",
                    "/model/targets/u",
                    LAYERS + 0,
                    LAYERS + 1,
                    LAYERS + 3,
                    LAYERS + 4,
                    "/dataset/split",
                    "/training/optimizer"),
                outside(),
                Stream.of(
                    set("/model/inputs/x/columns/1", "'nothing'"),
                    set("/model/inputs/x/columns/1", "'n0'"),
                    set("/model/inputs/z/columns", "'i0'"),
                    set("/model/inputs/z/scale", "{'divide': 0}"),
                    set("/model/inputs/x/impute", "{'constant': []}"),
                    set("/model/inputs/x/shape", "[0]"),
                    set("/model/inputs/x/unknown", "'drop'"),
                    set("/model/targets/t/column", "'nothing'")
                        .hiding("/training/metrics", "/training/losses"),
                    set("/model/targets/t/type", "'text'"),
                    set("/model/targets/t/classes", "['a']"),
                    set("/model/targets/t/offset", "-1"),
                    set("/model/targets/u/offset", "1"),
                    set("/model/targets/u/column", "7"),
                    set("/model/network/outputs", "['p', 'nobody']").hiding("/training/losses"),
                    remove(LAYERS + "0/vocabulary"),
                    set(LAYERS + "0/dim", "'wide'"),
                    set(LAYERS + "2/axis", "9"),
                    set(LAYERS + "3/expression", "'x *'"),
                    set(LAYERS + "3/parameters", "{'b': 'one'}"),
                    set(LAYERS + "3/name", "'e'"),
                    remove(LAYERS + "4/units"),
                    set(LAYERS + "4/constraint", "{'max_norm': -1}"),
                    set(LAYERS + "4/constraint", "{'max_norm': 1, 'surplus': 2}"),
                    set(LAYERS + "5/share", "'nobody'"),
                    set("/training/losses/p", "'luck'"),
                    set("/training/losses/q", "{'type': 'huber', 'delta': -1}"),
                    set("/training/losses/q", "{'type': 'luck', 'delta': -1}"),
                    set("/model/network/layers/1/type", "'flat'"),
                    set("/training/losses/r", "'mse'"),
                    set("/training/loss_weights/p", "-1"),
                    set("/training/loss_weights/nobody", "1"),
                    // With a loss of classes, the number is a class.
                    set("/training/metrics/t", "['accuracy']")
                        .hiding("/training/losses/p", "/model/targets/t/type"),
                    set("/training/metrics/v", "['mae']"),
                    set("/training/metrics/u/0", "'luck'"),
                    set("/training/optimizer/momentum", "-1"),
                    set("/training/optimizer/nesterov", "'yes'"),
                    set("/training/batch_size", "'many'"),
                    set("/training/epochs", "1.5"),
                    set("/training/class_weights", "{'u': {'maybe': 2}}")))
            .flatMap(plants -> plants)
            .filter(plant -> !plant.at().startsWith("/on_success/when"))
            .toList());
  }

  private static Base phases() {
    return new Base(
        """
        {'model': {'name': 'planted', 'inputs': {'x': {'columns': ['n0', 'n1', 'n2']}},
          'targets': {'t': {'column': 'y'}},
          'network': {'layers': [
            {'type': 'dense', 'name': 'a', 'units': 2, 'activation': 'tanh'},
            {'type': 'dense', 'name': 'back', 'units': 3},
            {'type': 'dense', 'name': 'p', 'units': 1, 'inputs': ['a']}]}},
         'dataset': {'name': 'generated-mixed', 'split': {'validation': 0.2}},
         'training': {'loss': 'mse', 'seed': 1, 'epochs': 1, 'phases': [
           {'name': 'first', 'train': ['a', 'back'], 'output': 'back', 'target': {'input': 'x'}, 'optimizer': 'adam'},
           {'name': 'second', 'train': ['p'], 'optimizer': {'type': 'sgd', 'learning_rate': 0.1}}]}}
        """,
        Stream.of(
                unknown(
                    "/training",
                    "/training/phases/0",
                    "/training/phases/1",
                    "/training/phases/1/optimizer",
                    LAYERS + 0,
                    "/dataset"),
                outside(),
                Stream.of(
                    set("/training/loss", "'luck'"),
                    set("/training/epochs", "0"),
                    set("/training/repeat_phases", "0"),
                    // Then the other phase has the name alone.
                    set("/training/phases/0/name", "'1st'").hiding("/training/phases/1/name"),
                    set("/training/phases/1/name", "'first'"),
                    set("/training/phases/0/train", "['nobody']"),
                    set("/training/phases/0/output", "'nobody'"),
                    set("/training/phases/0/target", "{'input': 'y'}"),
                    set("/training/phases/0/target", "{}"),
                    set("/training/phases/0/optimizer", "'luck'"),
                    set("/training/phases/0/publish", "'best'"),
                    set("/training/phases/0/penalties", "1"),
                    set("/training/phases/1/optimizer/learning_rate", "0"),
                    set("/training/phases/1/metrics", "['accuracy']").hiding("/training/loss"),
                    set("/training/phases/1/monitor", "'val_luck'"),
                    set(
                        "/training/phases/1/early_stopping",
                        "{'monitor': 'val_luck', 'patience': 1}"),
                    set("/training/phases/1/time_limit_seconds", "3"),
                    set("/training/sample_weight", "'nothing'"),
                    set("/training/seed", "'lucky'"),
                    set("/model/inputs/x/columns/0", "'nothing'"),
                    set("/model/targets/t/column", "'nothing'")
                        .hiding("/training/phases/1/metrics"),
                    remove(LAYERS + "1/units"),
                    set(LAYERS + "0/units", "2.5"),
                    set("/model/name", "'Planted'")))
            .flatMap(plants -> plants)
            .toList());
  }

  private static Base window() {
    return new Base(
        """
        {'model': {'name': 'planted', 'inputs': {'x': {'columns': ['n0', 'n1'], 'window': {'length': 3, 'order_by': 'at'}}},
          'targets': {'t': {'column': 'y', 'offset': 1}},
          'network': {'layers': [{'type': 'conv1d', 'name': 'c', 'filters': 2, 'kernel_size': 2},
            {'type': 'lstm', 'name': 'r', 'units': 3}, {'type': 'reshape', 'name': 's', 'shape': [3]},
            {'type': 'dense', 'name': 'p', 'units': 1}]}},
         'dataset': {'name': 'generated-series', 'split': {'validation': 0.2}},
         'training': {'loss': {'type': 'huber', 'delta': 1}, 'epochs': 2, 'optimizer': 'adam',
           'metrics': [{'type': 'expression', 'name': 'w', 'expression': 'abs(y_pred - y_true)', 'mode': 'min'}]}}
        """,
        Stream.of(
                unknown(
                    "/model/inputs/x",
                    "/model/inputs/x/window",
                    LAYERS + 0,
                    LAYERS + 1,
                    LAYERS + 2,
                    "/training/loss",
                    "/training/metrics/0"),
                outside(),
                Stream.of(
                    set("/model/inputs/x/window/length", "0"),
                    set("/model/inputs/x/window/order_by", "'nothing'"),
                    set("/model/inputs/x/window/group", "'nothing'"),
                    set("/model/inputs/x/window/stride", "'one'"),
                    set("/model/inputs/x/columns/0", "'nothing'"),
                    set("/model/targets/t/column", "'nothing'").hiding(ofTarget()),
                    remove(LAYERS + "0/filters"),
                    set(LAYERS + "0/kernel_size", "'two'"),
                    set(LAYERS + "0/padding", "'sane'"),
                    set(LAYERS + "0/dilation", "0"),
                    remove(LAYERS + "1/units"),
                    set(LAYERS + "1/dropout", "2"),
                    set(LAYERS + "1/layers", "0"),
                    set(LAYERS + "1/return_sequences", "'yes'"),
                    set(LAYERS + "2/shape", "[-1, -1]"),
                    set(LAYERS + "2/shape", "'x'"),
                    set(LAYERS + "3/type", "'dens'")
                        .hiding(LAYERS + 3, "/training/metrics", "/training/loss"),
                    set("/training/loss/delta", "-1"),
                    set("/training/metrics/0/expression", "'abs('"),
                    set("/training/metrics/0/mode", "'up'"),
                    remove("/training/metrics/0/name")))
            .flatMap(plants -> plants)
            .toList());
  }

  /** All pairs of independent faults of a base. */
  static List<List<Plant>> pairs(List<Plant> plants) {
    List<List<Plant>> pairs = new ArrayList<>();
    for (int i = 0; i < plants.size(); i++) {
      for (int j = i + 1; j < plants.size(); j++) {
        if (plants.get(i).isIndependentOf(plants.get(j))) {
          pairs.add(List.of(plants.get(i), plants.get(j)));
        }
      }
    }
    return pairs;
  }
}
