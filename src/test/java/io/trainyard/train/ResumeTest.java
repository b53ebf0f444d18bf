package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A training that is suspended twice, anywhere, ends with the bits of an uninterrupted one: for
 * every optimizer, every layer with state or randomness, and every option with state.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ResumeTest {
  private static final String HEAD = "{'type':'dense','units':3,'activation':'softmax'}";
  private static final String PLAIN =
      "{'type':'dense','units':5,'activation':'tanh'},{'type':'dropout','rate':0.2}";
  private static final String ADAM = "'optimizer':{'type':'adam','learning_rate':0.02}";

  private static TestTraining run(String layers, String options, Shape row) {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},"
            + "'targets':{'y':{'column':'y','type':'class'}},'network':{'layers':["
            + layers
            + ","
            + HEAD
            + "]}}";
    String optimizer = options.contains("'optimizer'") ? "" : "," + ADAM;
    String training =
        "{'loss':'categorical_crossentropy'"
            + (options.contains("'batch_size'") ? "" : ",'batch_size':8")
            + (options.contains("'epochs'") ? "" : ",'epochs':5")
            + optimizer
            + (options.isEmpty() ? "" : "," + options)
            + "}";
    // 33 rows: the last batch has one row.
    return Trainings.run(
        model,
        training,
        Trainings.rows(33, 1, row),
        Trainings.rows(12, 2, row),
        Trainings.rows(9, 3, row));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sgd                   | 'optimizer':{'type':'sgd','learning_rate':0.1}",
        "sgd, momentum         | 'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9}",
        "sgd, nesterov, decay  | 'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9,"
            + "'nesterov':true,'weight_decay':0.01}",
        "adam                  | " + ADAM,
        "adam, decay           | 'optimizer':{'type':'adam','weight_decay':0.01,'beta_1':0.8}",
        "adamw                 | 'optimizer':{'type':'adamw','learning_rate':0.02}",
        "adam, amsgrad         | 'optimizer':{'type':'adam','amsgrad':true}",
        "nadam                 | 'optimizer':'nadam'",
        "adamax                | 'optimizer':'adamax'",
        "radam                 | 'optimizer':{'type':'radam','learning_rate':0.02}",
        "rmsprop               | 'optimizer':'rmsprop'",
        "rmsprop, all state    | 'optimizer':{'type':'rmsprop','centered':true,'momentum':0.5}",
        "adagrad               | 'optimizer':'adagrad'",
        "adadelta              | 'optimizer':'adadelta'",
        "rprop                 | 'optimizer':'rprop'",
        "lion                  | 'optimizer':{'type':'lion','learning_rate':0.01}",
        "lbfgs                 | 'optimizer':{'type':'lbfgs','learning_rate':0.1,'history':3,"
            + "'max_iterations':2}",
        "lbfgs, line search    | 'optimizer':{'type':'lbfgs','line_search':'strong_wolfe',"
            + "'max_iterations':2}",
        "descent               | 'optimizer':'traingd','epochs':5",
        "descent, momentum     | 'optimizer':{'type':'traingdm','learning_rate':0.1}",
        "descent, adaptive     | 'optimizer':{'type':'traingdx','learning_rate':0.5}",
        "delta-bar-delta       | 'optimizer':'delta_bar_delta'",
        "trainrp               | 'optimizer':'trainrp'",
        "conjugate             | 'optimizer':'traincgp','epochs':30,'batch_size':33",
        "bfgs                  | 'optimizer':'bfgs','epochs':30,'batch_size':33",
        "scaled conjugate      | 'optimizer':{'type':'trainscg','lambda':0.1},'epochs':30,"
            + "'batch_size':33",
        "accumulation          | 'gradient_accumulation':3",
        "average               | 'ema':{'decay':0.9}",
        "phases                | 'phases':[{'train':['dense_2'],'epochs':2},{'train':['dense_1',"
            + "'dropout_1'],'optimizer':{'type':'rmsprop','momentum':0.5},'epochs':3,"
            + "'learning_rate_schedule':'cosine'}],'repeat_phases':2",
        "phases that end early |"
            + " 'phases':[{'train':['dense_1','dropout_1'],'epochs':9,'max_fail':1,"
            + "'learning_rate_schedule':{'type':'reduce_on_plateau','patience':1,'factor':0.5}},"
            + "{'train':['dense_2'],'epochs':3,'early_stopping':{'patience':1},'ema':"
            + "{'decay':0.5}}],'repeat_phases':3",
        "a search in a phase   | 'phases':[{'train':['dense_1'],'epochs':2,'target':{'name':'y'},"
            + "'optimizer':'lbfgs','batch_size':33,'precision':'float64'},"
            + "{'train':['dense_2'],'epochs':2,'publish':'last'}],'repeat_phases':2",
        "a found rate          | 'find_learning_rate':{'steps':20,'apply':true}",
        "diagnostics           | 'diagnostics':['gradient_norms','weight_norms','update_ratios',"
            + "'saturation']",
        "phases, diagnostics   | 'diagnostics':['update_ratios'],'phases':[{'train':['dense_1'],"
            + "'epochs':2},{'train':['dense_2'],'epochs':2}],'repeat_phases':2",
        "average, accumulation | 'ema':{'decay':0.5},'gradient_accumulation':2,'publish':'last'",
        "rates by layer        | 'learning_rates':{'dense_1':0.1}",
        "rates by weight       | 'learning_rates':{'*.bias':0.1,'dense_1.weight':2}",
        "scheduled numbers     | 'optimizer':{'type':'adamw','weight_decay':{'value':0.5,"
            + "'schedule':'flat_cosine'}},'learning_rate_schedule':'coslog'",
        "decay of kernels      | 'optimizer':'adamw','weight_decay_exclude':['bias']",
        "float64               | 'precision':'float64'",
        "warm-up               | 'learning_rate_schedule':{'type':'cosine','warmup_epochs':2}",
        "one cycle             | 'learning_rate_schedule':{'type':'one_cycle','peak':0.1}",
        "on a plateau          | 'epochs':12,'learning_rate_schedule':{'type':'reduce_on_plateau',"
            + "'factor':0.5,'patience':1,'min_delta':0.05}",
        "no shuffle            | 'shuffle':false",
        "clipped norm          | 'gradient_clipping':{'norm':0.1}",
        "clipped elements      | 'gradient_clipping':{'value':0.01}",
        "label smoothing       | 'label_smoothing':0.1",
        "class weights         | 'class_weights':{'1':3}",
        "metrics               | 'metrics':['accuracy']",
        "all kinds of metrics  | 'metrics':['f1','auc','log_loss',{'type':'top_k_accuracy','k':2},"
            + "{'type':'expression','name':'brier','expression':'(y_pred-y_true)^2','mode':'min'}],"
            + "'publish':'best','monitor':'val_brier'",
        "the last is published | 'publish':'last'",
        "the best training loss| 'publish':'best','monitor':'loss'",
        "by a metric           | 'metrics':['accuracy'],'publish':'best','monitor':'val_accuracy'",
        "early stopping        | 'epochs':60,'early_stopping':{'monitor':'val_loss','patience':4}",
        "max_fail              | 'epochs':60,'max_fail':4",
        "goal                  | 'epochs':60,'goal':0.9",
        "min_gradient          | 'epochs':60,'min_gradient':0.6",
        "early, min_delta      | 'epochs':60,'early_stopping':{'monitor':'loss','patience':2,"
            + "'min_delta':0.05}",
      })
  void aResumedTrainingEndsWithTheSameBits(String name, String options) {
    assertSameWhereverSuspended(name, run(PLAIN, options, Shape.of(4)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "batch norm        | 4     | {'type':'dense','units':5},{'type':'batch_norm'}",
        "noise             | 4     |"
            + " {'type':'gaussian_noise','std':0.3},{'type':'dense','units':5}",
        "regularization    | 4     | {'type':'dense','units':5,'activation':'sigmoid',"
            + "'regularizer':{'l1':0.01,'l2':0.02,'activity_l2':0.01,"
            + "'sparsity':{'weight':0.1,'proportion':0.2}}}",
        "max norm          | 4     | {'type':'dense','units':5,'constraint':{'max_norm':0.5}}",
        "frozen            | 4     | {'type':'dense','units':5,'trainable':false},"
            + "{'type':'batch_norm','trainable':false},{'type':'dropout','rate':0.5}",
        "shared            | 4     | {'type':'dense','name':'a','units':4},{'type':'dense',"
            + "'units':4,'share':'a'}",
        "parameters        | 4     | {'type':'lambda','expression':'tanh(a*x)',"
            + "'parameters':{'a':0.7}},{'type':'prelu'},{'type':'dense','units':4}",
        "tables            | 4     | {'type':'feature_scale'},{'type':'periodic_embedding',"
            + "'frequencies':3},{'type':'ensemble_dense','units':3,'members':2,'activation':"
            + "{'function':'selu','learned':true}},{'type':'flatten'},"
            + "{'type':'dropout','rate':{'value':0.5,'schedule':'flat_cosine'}},"
            + "{'type':'dense','units':3,'parametrization':'ntk'}",
        "layer norm        | 4     | {'type':'dense','units':6},{'type':'layer_norm'}",
        "group norm        | 6,6,2 | {'type':'conv2d','filters':4,'kernel_size':3},"
            + "{'type':'group_norm','groups':2},{'type':'global_avg_pool'}",
        "convolution       | 6,6,2 | {'type':'conv2d','filters':3,'kernel_size':3},"
            + "{'type':'batch_norm'},{'type':'spatial_dropout','rate':0.3},"
            + "{'type':'max_pool2d','pool_size':2},{'type':'flatten'}",
        "augmentation      | 6,6,2 | {'type':'conv2d','filters':2,'kernel_size':1},"
            + "{'type':'random_flip'},{'type':'random_rotation','factor':0.1,'fill_mode':'wrap'},"
            + "{'type':'random_translation','height_factor':0.2,'width_factor':0.1},"
            + "{'type':'random_zoom','height_factor':0.2},{'type':'random_contrast','factor':0.3},"
            + "{'type':'random_crop','height':5,'width':4},{'type':'flatten'}",
        "stacked lstm      | 5,3   | {'type':'lstm','units':4,'layers':2,'dropout':0.3}",
        "bidirectional gru | 5,3   | {'type':'gru','units':4,'bidirectional':true}",
        "transformer       | 5,4   | {'type':'transformer_encoder','heads':2,'ff_dim':6,"
            + "'dropout':0.2},{'type':'last_step'}",
        "attention         | 5,4   | {'type':'multi_head_attention','heads':2,'key_dim':2},"
            + "{'type':'flatten'}",
      })
  void layersWithStateOrRandomnessResume(String name, String row, String layers) {
    int[] dims = java.util.Arrays.stream(row.split(",")).mapToInt(Integer::parseInt).toArray();
    assertSameWhereverSuspended(name, run(layers, "'metrics':['accuracy']", Shape.of(dims)));
  }

  /** The classes are 0 and 1 or 2, which no line separates. */
  @ParameterizedTest
  @CsvSource({"step,1", "hardlims,8"})
  void aPerceptronEndsWithTheSameBits(String step, int batch) {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'dense','units':1,'activation':'%s'}]}}"
                .formatted(step);
    String training =
        "{'loss':'mae','optimizer':'perceptron','batch_size':%d,'epochs':5}".formatted(batch);
    assertSameWhereverSuspended(
        step,
        Trainings.run(
            model,
            training,
            Trainings.rows(33, 1, Shape.of(4)),
            Trainings.rows(12, 2, Shape.of(4)),
            Trainings.rows(9, 3, Shape.of(4))));
  }

  @Test
  void timeLimitCountsTheTimeOfEarlierAttempts() {
    TestTraining run = run(PLAIN, "'epochs':1000000,'time_limit_seconds':100", Shape.of(4));
    SuspendingRecorder listener = new SuspendingRecorder(20);
    Checkpoint checkpoint = ((TrainingOutcome.Suspended) run.train(listener)).checkpoint();
    Checkpoint.Position at = Objects.requireNonNull(checkpoint).position();
    Checkpoint late =
        new Checkpoint(
            new Checkpoint.Position(
                at.epochs(),
                at.optimizerSteps(),
                at.threads(),
                101,
                at.best(),
                at.lastValues(),
                at.stale(),
                at.stoppingBest(),
                at.notes(),
                null),
            checkpoint.tensors());
    TrainingOutcome.Finished outcome = run.resuming(late).finish();
    assertThat(outcome.reason()).isEqualTo(StopReason.TIME_LIMIT);
    assertThat(outcome.epochs()).isEqualTo(at.epochs());
  }

  /** It is chosen from the published weights alone. */
  @Test
  void aChosenThresholdIsTheSame() {
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(
                """
                {"inputs": {}, "targets": {"y": {"output": "dense_2", "kind": "class",
                 "column": "y", "type": "integer", "classes": ["0", "1"], "threshold": 0.5,
                 "best": "f1"}}}
                """));
    TestTraining plain =
        Trainings.run(
            Trainings.XOR_MODEL,
            "{'loss':'binary_crossentropy','epochs':4,'batch_size':8,'metrics':['f1'],"
                + ADAM
                + "}",
            binary(33, 1),
            binary(12, 2),
            binary(9, 3));
    PreparedData data = plain.data();
    TestTraining run =
        new TestTraining(
            plain.plan(),
            new PreparedData(data.training(), data.validation(), data.test(), encoding, () -> {}),
            null);
    assertSameWhereverSuspended("threshold", run);
    TrainingOutcome.Finished outcome = run.finish();
    Decision chosen = Objects.requireNonNull(outcome.decisions().get("y"));
    assertThat(chosen.best()).isEqualTo("f1");
    assertThat(Objects.requireNonNull(outcome.best()).decisions())
        .containsOnly(Map.entry("y", chosen.named(List.of("0", "1"), Scores.PROBABILITY)));
  }

  /** Rows with two classes of which the second is rare. */
  private static Subset binary(int count, long seed) {
    Subset three = Trainings.rows(count, seed, Shape.of(2));
    HostTensor labels = Objects.requireNonNull(three.targets().get("y"));
    HostTensor rare = HostTensor.ofFloats(Shape.of(count, 1), new float[count]);
    for (int i = 0; i < count; i++) {
      rare.setFloat(i, labels.longAt(i) == 2 ? 1 : 0);
    }
    return new Subset(count, three.inputs(), Map.of("y", rare));
  }

  private static void assertSameWhereverSuspended(String name, TestTraining run) {
    Recorder whole = new Recorder();
    TrainingOutcome.Finished uninterrupted = run.finish(whole);
    int maxAsked = 6 * whole.epochs.size();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 3; i++) {
      List<EpochRecord> seen = new ArrayList<>();
      TrainingOutcome.Finished resumed =
          suspendedTwice(run, 1 + random.nextInt(maxAsked), 1 + random.nextInt(maxAsked), seen);
      String where = name + ", seed " + seed + ", round " + i;
      Trainings.assertSameBits(resumed.weights(), uninterrupted.weights());
      assertThat(resumed.testValues()).as(where).isEqualTo(uninterrupted.testValues());
      assertThat(resumed.evaluation()).as(where).isEqualTo(uninterrupted.evaluation());
      assertThat(resumed.decisions()).as(where).isEqualTo(uninterrupted.decisions());
      assertThat(resumed.reason()).as(where).isEqualTo(uninterrupted.reason());
      assertThat(resumed.epochs()).as(where).isEqualTo(uninterrupted.epochs());
      assertThat(Objects.requireNonNull(resumed.best()).epoch())
          .as(where)
          .isEqualTo(Objects.requireNonNull(uninterrupted.best()).epoch());
      assertThat(resumed.learningRates()).as(where).isEqualTo(uninterrupted.learningRates());
      assertThat(seen.stream().map(EpochRecord::values).toList())
          .as(where)
          .isEqualTo(whole.epochs.stream().map(EpochRecord::values).toList());
      assertThat(seen.stream().map(EpochRecord::layers).toList())
          .as(where)
          .isEqualTo(whole.epochs.stream().map(EpochRecord::layers).toList());
    }
  }

  private static TrainingOutcome.Finished suspendedTwice(
      TestTraining run, int first, int second, List<EpochRecord> seen) {
    TestTraining next = run;
    for (int asked : new int[] {first, second, Integer.MAX_VALUE}) {
      SuspendingRecorder listener = new SuspendingRecorder(asked);
      TrainingOutcome outcome = next.train(listener);
      seen.addAll(listener.epochs);
      if (outcome instanceof TrainingOutcome.Finished finished) {
        return finished;
      }
      Checkpoint checkpoint = ((TrainingOutcome.Suspended) outcome).checkpoint();
      // A test for a learning rate begins again.
      next = run.resuming(checkpoint);
    }
    throw new IllegalStateException("the training did not end");
  }
}
