package io.trainyard.attack.generated;

import io.trainyard.crash.Draw;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rest of a job: its split, losses, weights of rows, metrics, monitors and more. */
record TrainingDraw(Table table, Draw draw) {
  private static final List<Integer> BATCHES = List.of(1, 3, 7, 32);

  private static final List<String> CLASS_METRICS =
      List.of(
          "'accuracy'",
          "'balanced_accuracy'",
          "{'type':'top_k_accuracy','k':2}",
          "'precision'",
          "{'type':'recall','average':'micro'}",
          "{'type':'f1','average':'weighted'}",
          "'auc'",
          "'pr_auc'",
          "'mcc'",
          "'log_loss'",
          "{'type':'expression','name':'own','expression':'abs(y_pred - y_true)','mode':'min'}");

  private static final List<String> NUMBER_METRICS =
      List.of(
          "'rmse'",
          "'mse'",
          "'mae'",
          "'r2'",
          "'mape'",
          "{'type':'expression','name':'worst','expression':'abs(y_pred - y_true)','mode':'min'}");

  private static final List<String> CLASS_LOSSES =
      List.of(
          "'categorical_crossentropy'",
          "'sparse_categorical_crossentropy'",
          "{'type':'categorical_crossentropy','from_logits':true}",
          "'binary_crossentropy'",
          "{'type':'binary_crossentropy','from_logits':true}",
          "'focal'",
          "{'type':'focal','gamma':1,'alpha':0.5,'from_logits':true}",
          "'kl_divergence'",
          "'nll'",
          "'hinge'",
          "'squared_hinge'",
          "{'type':'expression','expression':'mean((y_pred - y_true)^2)'}",
          "{'type':'expression','expression':'(y_pred - y_true)^2','from_logits':true}",
          "{'type':'expression','expression':'abs(y_pred - y_true)','from_logits':false}");

  private static final List<String> NUMBER_LOSSES =
      List.of(
          "'mae'",
          "'rmse'",
          "'sse'",
          "{'type':'huber','delta':0.5}",
          "'log_cosh'",
          "'mape'",
          "'msle'",
          "{'type':'quantile','q':0.9}",
          "{'type':'smooth_l1','beta':0.5}",
          "'gaussian_nll'",
          "'poisson'",
          "'cosine'",
          "{'type':'expression','expression':'mean((y_pred - y_true)^2)'}",
          "{'type':'expression','expression':'abs(y_pred - y_true)'}");

  private static final List<String> OPTIMIZERS =
      List.of(
          "'sgd'",
          "{'type':'sgd','learning_rate':0.1,'momentum':0.9,'nesterov':true}",
          "{'type':'adam','amsgrad':true}",
          "{'type':'adamw','weight_decay':0.1}",
          "{'type':'adamw','weight_decay':{'value':0.1,'schedule':'flat_cosine'}}",
          "{'type':'lion','weight_decay':{'value':0.1,'schedule':{'type':'coslog','cycles':2}}}",
          "'nadam'",
          "'adamax'",
          "'radam'",
          "{'type':'rmsprop','centered':true,'momentum':0.5}",
          "'adagrad'",
          "'adadelta'",
          "'rprop'",
          "'lion'",
          "'lbfgs'",
          "'traingd'",
          "{'type':'traingdm','learning_rate':0.1}",
          "{'type':'traingdx','learning_rate':0.5}",
          "'delta_bar_delta'",
          "'trainrp'",
          "'trainlm'",
          "{'type':'lbfgs','line_search':'strong_wolfe','max_iterations':5,'history':3}");

  /** Those that need all rows in a batch. */
  private static final List<String> FULL_BATCH =
      List.of(
          "'conjugate_gradient'",
          "'traincgf'",
          "{'type':'trainscg','lambda':0.01}",
          "'bfgs'",
          "'levenberg_marquardt'",
          "'trainbr'");

  private static final List<String> SCHEDULES =
      List.of(
          "'constant'",
          "{'type':'step','every':1,'factor':0.5}",
          "{'type':'exponential','factor':0.9}",
          "{'type':'cosine','warmup_epochs':1}",
          "{'type':'polynomial','power':2,'end':0.0001}",
          "{'type':'one_cycle','peak':0.1}",
          "'coslog'",
          "{'type':'flat_cosine','warmup_epochs':1}",
          "{'type':'multi_step','epochs':[1],'factor':0.1}",
          "{'type':'cosine_restarts','period':1,'factor':2}",
          "{'type':'expression','expression':'0.1 / epoch'}",
          "{'type':'reduce_on_plateau','patience':1}",
          "{'type':'reduce_on_plateau','monitor':'val_loss'}");

  /** Members of a training that change its steps or its end. */
  private static final List<String> RULES =
      List.of(
          "'gradient_accumulation':2",
          "'ema':{'decay':0.9}",
          "'precision':'bfloat16'",
          "'precision':'float64'",
          "'gradient_clipping':{'norm':1}",
          "'gradient_clipping':{'value':0.5}",
          "'weight_decay_exclude':['bias','norm']",
          "'learning_rates':{'*.bias':0.1,'*':2}",
          "'goal':0.001",
          "'max_fail':1",
          "'min_gradient':0.00001",
          "'find_learning_rate':{'steps':20}",
          "'find_learning_rate':{'steps':25,'max':0.1,'apply':true}",
          "'diagnostics':['gradient_norms','weight_norms','update_ratios']",
          "'diagnostics':['dead_units']",
          "'diagnostics':['weight_norms','saturation']",
          "'shuffle':false");

  void complete(ObjectNode body) {
    ObjectNode training = (ObjectNode) body.get("training");
    training.put("epochs", 2);
    if (draw.coin()) {
      training.put("batch_size", draw.pick(BATCHES));
    }
    dataset((ObjectNode) body.get("dataset"));
    boolean classes = training.toString().contains("crossentropy");
    if (training.has("loss") && draw.below(3) == 0) {
      boolean fits = draw.below(8) > 0;
      training.set("loss", json(draw.pick(fits == classes ? CLASS_LOSSES : NUMBER_LOSSES)));
    }
    weights(training, classes);
    steps(training);
    if (draw.coin()) {
      training.remove("metrics");
      metrics(training, CLASS_METRICS, classes);
      metrics(training, NUMBER_METRICS, !classes);
    }
    if (draw.below(4) == 0 && training.has("metrics")) {
      JsonNode metrics = training.remove("metrics");
      for (String target : body.at("/model/targets").propertyNames()) {
        training.withObjectProperty("metrics").set(target, metrics.deepCopy());
      }
    }
    monitors(body, training);
    if (draw.below(4) == 0) {
      body.putObject("resources").put("device", draw.pick(List.of("auto", "cpu")));
    }
    if (draw.below(8) == 0) {
      body.put("priority", draw.below(20) - 10);
    }
    if (draw.below(16) == 0) {
      phases(body, training);
    }
    if (draw.below(12) == 0) {
      ensemble(body, training);
    }
    if (draw.below(50) == 0) {
      perceptron(body.at("/model/network/layers"), training);
    }
  }

  /** Folds take the place of validation rows; some jobs keep both, which is refused. */
  private void ensemble(ObjectNode body, ObjectNode training) {
    boolean folds = draw.coin();
    training.putObject("ensemble").put(folds ? "folds" : "seeds", 2 + draw.below(2));
    if (folds && draw.below(6) > 0 && body.get("dataset") instanceof ObjectNode dataset) {
      dataset.remove("validation_dataset");
      if (dataset.get("split") instanceof ObjectNode split) {
        split.remove("validation");
      }
    }
  }

  private void metrics(ObjectNode training, List<String> metrics, boolean fit) {
    for (String metric : metrics) {
      if (draw.below(fit ? 5 : 60) == 0) {
        training.withArrayProperty("metrics").add(json(metric));
      }
    }
  }

  /** Weights of rows and classes, and smoothed labels. */
  private void weights(ObjectNode training, boolean classes) {
    if (draw.below(8) == 0) {
      List<String> numbers = GeneratedJobs.numbers(table);
      training.put("sample_weight", numbers.isEmpty() ? "y" : draw.pick(numbers));
    }
    if (draw.below(classes ? 6 : 40) == 0) {
      training.put("class_weights", "balanced");
    }
    if (draw.below(classes ? 6 : 40) == 0) {
      training.put("label_smoothing", 0.1);
    }
  }

  private void steps(ObjectNode training) {
    if (draw.below(24) == 0) {
      training.set("optimizer", json(draw.pick(FULL_BATCH)));
      if (draw.below(4) > 0) {
        training.remove("batch_size");
      }
    } else if (draw.coin()) {
      training.set("optimizer", json(draw.pick(OPTIMIZERS)));
    }
    if (draw.below(3) == 0) {
      training.set("learning_rate_schedule", json(draw.pick(SCHEDULES)));
    }
    while (draw.below(3) == 0) {
      training.setAll(GeneratedJobs.object("{" + draw.pick(RULES) + "}"));
    }
  }

  /** Only the last layer learns, and it ends in a step. Members that do not fit may stay. */
  private void perceptron(JsonNode layers, ObjectNode training) {
    for (int i = 0; i < layers.size(); i++) {
      ObjectNode layer = (ObjectNode) layers.get(i);
      if (i < layers.size() - 1) {
        layer.put("trainable", false);
      } else {
        layer.put("activation", draw.pick(List.of("step", "hardlims")));
      }
    }
    training.put("optimizer", "perceptron").put("loss", draw.pick(List.of("mae", "mse")));
    training.remove("metrics");
  }

  /** Phases of some layers; many train what leads nowhere, or give what they may not. */
  private void phases(ObjectNode body, ObjectNode training) {
    List<String> layers = new ArrayList<>();
    Map<String, Integer> perType = new HashMap<>();
    for (JsonNode layer : body.at("/model/network/layers")) {
      String type = layer.path("type").asString("");
      int number = perType.merge(type, 1, Integer::sum);
      layers.add(layer.path("name").asString(type + "_" + number));
    }
    ArrayNode phases = training.putArray("phases");
    do {
      ObjectNode phase = phases.addObject();
      Set<String> trained = new LinkedHashSet<>();
      if (draw.below(4) > 0) {
        trained.addAll(layers.subList(draw.below(layers.size()), layers.size()));
      }
      trained.add(draw.pick(layers));
      trained.forEach(phase.putArray("train")::add);
      phase(body, phase, layers);
    } while (phases.size() < 3 && draw.coin());
    if (draw.coin()) {
      training.put("repeat_phases", 2);
    }
  }

  private void phase(ObjectNode body, ObjectNode phase, List<String> layers) {
    if (draw.below(3) == 0) {
      phase.set("optimizer", json(draw.pick(OPTIMIZERS)));
    }
    if (draw.below(4) == 0) {
      phase.put("epochs", 1);
    }
    if (draw.below(4) == 0) {
      phase.put("penalties", false);
    }
    if (draw.below(6) == 0) {
      phase.put("batch_size", draw.pick(BATCHES));
    }
    if (draw.below(6) == 0) {
      phase.put("output", draw.pick(layers));
      phase.put("loss", draw.pick(List.of("mse", "mae")));
      List<String> inputs = List.copyOf(body.at("/model/inputs").propertyNames());
      ObjectNode target = phase.putObject("target");
      switch (draw.below(3)) {
        case 0 -> target.put("input", draw.pick(inputs));
        case 1 -> target.put("layer", draw.pick(layers));
        default -> target.put("name", draw.pick(List.of("t", "y", "species")));
      }
    }
  }

  private static JsonNode json(String text) {
    return GeneratedJobs.object("{'v':" + text + "}").get("v");
  }

  private void dataset(ObjectNode dataset) {
    if (draw.coin()) {
      ObjectNode split = dataset.putObject("split");
      if (draw.below(4) > 0) {
        split.put("validation", draw.pick(List.of(0.1, 0.25, 0.5)));
      } else {
        dataset.putObject("validation_dataset").put("name", table.other());
      }
      if (draw.below(3) == 0) {
        split.put("test", draw.pick(List.of(0.1, 0.25)));
      }
      switch (draw.below(18)) {
        case 0, 1, 2 -> split.put("stratify", draw.pick(List.of("label", "flag", "code")));
        case 3, 4 -> split.put("by", "file_order");
        case 5 -> split.put("by", "group").put("group", draw.pick(List.of("label", "code", "n0")));
        case 6 -> {
          split.put("by", "column").put("column", "part");
          split.remove("validation");
          split.remove("test");
        }
        default -> {
          // At random.
        }
      }
    }
    if (draw.below(8) == 0) {
      dataset.put("where", draw.pick(List.of("y > -2", "flag", "y is not null", "code < 3")));
    }
  }

  private void monitors(ObjectNode body, ObjectNode training) {
    List<String> measured = new ArrayList<>(List.of("loss", "loss"));
    if (body.get("dataset").toString().contains("validation")) {
      measured.addAll(List.of("val_loss", "val_loss", "val_loss"));
    }
    for (JsonNode metric : training.path("metrics")) {
      measured.add(metric.asString("loss"));
    }
    if (draw.below(8) == 0) {
      measured.addAll(List.of("val_accuracy", "val_rmse", "t_loss", "val_loss"));
    }
    if (draw.below(4) == 0) {
      training.putObject("early_stopping").put("monitor", draw.pick(measured)).put("patience", 1);
    }
    if (draw.below(6) == 0) {
      training.put("monitor", draw.pick(measured));
    }
    if (draw.below(6) == 0) {
      training.put("publish", draw.pick(List.of("best", "last")));
    }
    if (draw.below(6) == 0) {
      ObjectNode alias = body.putObject("on_success").put("alias", "production");
      alias.putObject("when").putObject(draw.pick(measured)).put("max", 100);
    }
  }
}
