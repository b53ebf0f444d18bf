package io.trainyard.judge;

import io.trainyard.crash.Draw;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A job whose numbers have two forms: as an epoch measures them, and as the published version
 * answers. The seed and the number decide it; of nine numbers in a row each threshold meets each
 * ensemble, and some of the jobs without one are sweeps.
 *
 * @param caller the place of the key that submits it, from 0
 * @param state in which it ends
 * @param isSweep whether two learning rates are tried
 * @param units of the class's output
 * @param threshold of the target as JSON; null: the default
 * @param ensemble as JSON; null: one network
 * @param hasPrice whether a number is learned too
 */
record FormDraw(
    long number,
    int caller,
    String state,
    boolean isSweep,
    int units,
    @Nullable String threshold,
    @Nullable String ensemble,
    boolean isCalibrated,
    boolean hasSets,
    boolean hasPrice) {
  static final String TABLE = "judged-forms";
  static final int ROWS = 160;

  /** The keys that submit jobs. */
  static final int CALLERS = 3;

  /** The rows of a part of the table, in the order in which the parts lie. */
  static final int TRAINING = 80;

  static final int VALIDATION = 40;

  static FormDraw drawn(long seed, long number) {
    Draw draw = new Draw(new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number));
    String ensemble = new String[] {null, "{'seeds':2}", "{'folds':2}"}[(int) (number / 3 % 3)];
    String state = draw.below(5) > 0 ? "succeeded" : draw.coin() ? "failed" : "cancelled";
    return new FormDraw(
        number,
        draw.below(CALLERS),
        state,
        ensemble == null && draw.below(3) == 0,
        1 + draw.below(2),
        new String[] {"0.3", null, "{'best':'f1'}"}[(int) (number % 3)],
        ensemble,
        draw.below(3) > 0,
        draw.coin(),
        // Numbers are what overflows.
        state.equals("failed") || draw.coin());
  }

  String model() {
    return "judged-form-" + number;
  }

  boolean hasFolds() {
    return ensemble != null && ensemble.contains("folds");
  }

  /** Before the names of the class's values. */
  String prefix() {
    return hasPrice ? "kind_" : "";
  }

  /** Two columns, a class that follows from them with errors, and a number. */
  static String csv() {
    Random random = new Random(5);
    StringBuilder csv = new StringBuilder("a,b,kind,price,part\n");
    for (int row = 0; row < ROWS; row++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      String kind = a + 1.5 * random.nextGaussian() > 0.8 ? "yes" : "no";
      String part =
          row < TRAINING ? "training" : row < TRAINING + VALIDATION ? "validation" : "test";
      csv.append("%s,%s,%s,%s,%s%n".formatted(a, b, kind, 2 * b + random.nextGaussian(), part));
    }
    return csv.toString();
  }

  /** Where the job, or the sweep, is submitted. */
  String list() {
    return isSweep ? "sweeps" : "jobs";
  }

  /** The body that is submitted. */
  ObjectNode body() {
    ObjectNode job = job();
    switch (state) {
      case "failed" ->
          job.withObject("/training/optimizer").put("type", "sgd").put("learning_rate", 1e6);
      case "cancelled" -> job.withObject("/training").put("epochs", 1_000_000);
      default -> {}
    }
    if (!isSweep) {
      return job;
    }
    // The last training has no validation rows.
    job.remove("on_success");
    String epochs = state.equals("cancelled") ? "1000000,999999" : "2,3";
    ObjectNode sweep =
        HeadDraw.object(
            "{'parameters':{'/training/epochs':[%s]},'cross_validation':2}".formatted(epochs));
    sweep.set("job", job);
    return sweep;
  }

  private ObjectNode job() {
    String target = threshold == null ? "" : ",'threshold':" + threshold;
    String activation = units == 1 ? "sigmoid" : "softmax";
    String loss = units == 1 ? "binary_crossentropy" : "categorical_crossentropy";
    String split =
        hasFolds() || isSweep ? "'by':'file_order','test':0.25" : "'by':'column','column':'part'";
    String more =
        (isCalibrated ? ",'calibration':'temperature'" : "")
            + (hasSets ? ",'intervals':{'coverage':0.8}" : "")
            + (ensemble == null ? "" : ",'ensemble':" + ensemble);
    ObjectNode job =
        HeadDraw.object(
            """
            {'model':{'name':'%s','inputs':{'x':{'columns':['a','b'],'scale':'standard'}},
              'targets':{'kind':{'column':'kind'%s}},'network':{'layers':[
                {'type':'dense','name':'h','units':6,'activation':'tanh'},
                {'type':'dense','name':'kind','units':%d,'activation':'%s','inputs':['h']}],
              'outputs':['kind']}},
             'dataset':{'name':'%s','split':{%s}},
             'training':{'losses':{'kind':'%s'},'epochs':4,'seed':%d,
               'optimizer':{'type':'adam','learning_rate':0.1},
               'metrics':{'kind':['accuracy','f1','log_loss']}%s},
             'on_success':{'alias':'good','when':{'val_%sf1':{'min':0.5}}}}
            """
                .formatted(
                    model(),
                    target,
                    units,
                    activation,
                    TABLE,
                    split,
                    loss,
                    number,
                    more,
                    prefix()));
    if (hasPrice) {
      job.withObject("/model/targets/price").put("column", "price");
      ((ArrayNode) job.at("/model/network/layers"))
          .add(HeadDraw.object("{'type':'dense','name':'price','units':1,'inputs':['h']}"));
      ((ArrayNode) job.at("/model/network/outputs")).add("price");
      job.withObject("/training/losses").put("price", "mse");
      job.withObject("/training/metrics").putArray("price").add("mae");
    }
    return job;
  }

  /** The places of the rows of a part, from 0. */
  static List<Integer> rows(String part) {
    int first = part.equals("validation") ? TRAINING : TRAINING + VALIDATION;
    return IntStream.range(first, first + VALIDATION).boxed().toList();
  }
}
