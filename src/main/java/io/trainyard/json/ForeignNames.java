package io.trainyard.json;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What other libraries call the members and values of this service's specs. */
final class ForeignNames {
  /** A name here, then names elsewhere that mean it, in lower case and without punctuation. */
  private static final String NAMES =
      """
      learning_rate: lr eta stepsize initiallearnrate learnrate rate
      beta_1: beta1 b1
      beta_2: beta2 b2
      epsilon: eps
      weight_decay: wd decay l2regularization
      type: name classname class kind
      adam: torchoptimadam
      nadam: torchoptimnadam
      radam: torchoptimradam rectifiedadam
      adamax: torchoptimadamax
      rmsprop: torchoptimrmsprop
      adagrad: torchoptimadagrad
      adadelta: torchoptimadadelta
      rprop: torchoptimrprop rpropbackprop resilientbackpropagation
      lbfgs: torchoptimlbfgs
      levenberg_marquardt: lm levenberg marquardt leastsquares dampedleastsquares
      zeros: zero
      perceptron: trainc learnp learnpn perceptronlearning rosenblatt
      scaled_conjugate_gradient: scg
      bayesian_regularization: br bayesianregularisation
      conjugate_gradient: cg fmincg polakribiere fletcherreeves nonlinearconjugategradient
      bfgs: fminbfgs quasinewton
      gradient_descent: gd steepestdescent batchgradientdescent
      momentum: mc
      delta0: initialdelta
      mu_dec: mudecrease
      mu_inc: muincrease
      rho: alpha discountingfactor
      max_iterations: maxiter
      history: historysize
      line_search: linesearchfn linesearch
      gradient_accumulation: gradientaccumulationsteps accumulationsteps accumulategradbatches
      ema: movingaverage exponentialmovingaverage
      find_learning_rate: lrfind lrfinder autolrfind learningratefinder
      steps: numtraining numit
      min: minlr startlr
      max: maxlr endlr
      decay: momentum emamomentum emadecay
      learning_rate_schedule: learningratescheduler lrscheduler lrschedule scheduler schedule
      weight_decay_exclude: excludefromweightdecay nodecay
      precision: dtype mixedprecision dtypepolicy
      bfloat16: bf16 mixedbfloat16 bf16mixed
      float64: double f64 fp64
      float32: single f32 fp32
      step: steplr stepdecay
      exponential: exponentiallr exponentialdecay
      cosine: cosineannealing cosineannealinglr cosinedecay
      polynomial: polynomiallr polynomialdecay linearlr lineardecay
      one_cycle: onecyclelr onecycle
      multi_step: multisteplr piecewiseconstantdecay piecewise
      cosine_restarts: cosineannealingwarmrestarts cosinedecayrestarts
      reduce_on_plateau: reducelronplateau plateau
      constant: constantlr
      every: stepsize decaysteps
      factor: gamma decayrate tmult reducefactor
      minimum: etamin minlr
      end: endlearningrate
      peak: maxlr maxlearningrate
      warmup_fraction: pctstart
      warmup_epochs: warmup warmupsteps nwarmup
      epochs: milestones boundaries
      period: t0 firstdecaysteps
      min_delta: threshold mindelta
      adamw: torchoptimadamw
      sgd: torchoptimsgd sgdm
      mse: meansquarederror mseloss l2 l2loss
      mae: meanabsoluteerror l1 l1loss
      binary_crossentropy: bce bceloss logloss binarycrossentropyloss
      categorical_crossentropy: crossentropy crossentropyloss softmaxcrossentropy cce
      sse: sumsquarederror sumofsquares sumsquares
      huber: huberloss
      log_cosh: logcoshloss
      smooth_l1: smoothl1loss
      mape: meanabsolutepercentageerror
      msle: meansquaredlogarithmicerror
      quantile: pinball pinballloss quantileloss
      gaussian_nll: gaussiannllloss
      poisson: poissonnllloss poissonnll
      cosine: cosinesimilarity cosineloss cosineembeddingloss
      focal: focalloss sigmoidfocalloss binaryfocalcrossentropy categoricalfocalcrossentropy
      kl_divergence: kldivloss kldiv kld kullbackleiblerdivergence
      nll: nllloss negativeloglikelihood
      hinge: hingeloss
      squared_hinge: squaredhingeloss
      delta: huberdelta
      q: tau quantile
      class_weights: classweight classweights
      sample_weight: sampleweights rowweights weightcolumn
      label_smoothing: labelsmooth smoothing
      accuracy: acc categoricalaccuracy sparsecategoricalaccuracy binaryaccuracy
      y_true: y target truth label labels actual
      y_pred: yhat prediction predictions output pred
      balanced_accuracy: balancedaccuracyscore
      top_k_accuracy: topkcategoricalaccuracy sparsetopkcategoricalaccuracy topkaccuracyscore
      top_k_accuracy: top5accuracy topk top5
      precision: precisionscore positivepredictivevalue ppv
      recall: recallscore sensitivity truepositiverate tpr hitrate
      f1: f1score fscore fmeasure dice binaryf1score multiclassf1score
      auc: rocauc aucroc auroc rocaucscore rocaucovr binaryauroc multiclassauroc
      pr_auc: averageprecision averageprecisionscore aucpr auprc prauc map
      mcc: matthewscorrcoef matthews phicoefficient
      log_loss: crossentropy neglogloss binarycrossentropy categoricalcrossentropy
      mape: meanabsolutepercentageerror
      mse: negmeansquarederror
      rmse: negrootmeansquarederror
      mae: negmeanabsoluteerror
      mae: meanabsolutepercentageerror
      rmse: rootmeansquarederror
      r2: r2score rsquared
      validation: val valid validationsize valsize validationsplit valsplit validationfraction
      test: testsize testsplit testfraction
      batch_size: minibatchsize batch miniBatchSize
      epochs: numepochs nepochs maxepochs nbepoch epoch maxiter
      seed: randomstate randomseed manualseed
      early_stopping: earlystop
      goal: targetloss performancegoal
      max_fail: maxfailures validationchecks
      min_gradient: mingrad mingradnorm gradtol gradienttolerance
      time_limit_seconds: timelimit timeout maxtime maxseconds
      units: outfeatures neurons size hiddensize hiddenunits outputsize nodes outputdim numunits
      layers: numlayers
      bias: usebias
      regularizer: kernelregularizer weightregularizer l2regularizer
      initializer: kernelinitializer weightinitializer init embeddingsinitializer
      constraint: kernelconstraint maxnorm
      filters: outchannels numfilters channelsout
      kernel_size: kernel filtersize ksize
      strides: stride
      dilation: dilationrate dilationfactor
      pool_size: poolsize kernelsize
      rate: p prob probability dropoutrate ratio
      std: stddev sigma
      vocabulary: numembeddings inputdim vocabsize vocab
      dim: embeddingdim outputdim embeddim
      heads: numheads nhead nheads
      ff_dim: dimfeedforward
      function: activation activationfunction fn
      alpha: negativeslope slope
      n: times
      dense: linear fc fullyconnected fullyconnectedlayer
      conv1d: convolution1d convolution1dlayer
      conv2d: convolution2d convolution2dlayer convolution
      conv3d: convolution3d
      conv2d_transpose: convtranspose2d
      max_pool1d: maxpooling1d maxpool1d
      max_pool2d: maxpooling2d maxpool2d maxpooling maxpool
      max_pool3d: maxpooling3d
      avg_pool1d: averagepooling1d averagepool1d
      avg_pool2d: averagepooling2d averagepool2d averagepooling
      avg_pool3d: averagepooling3d
      global_max_pool: globalmaxpooling2d globalmaxpooling1d adaptivemaxpool2d adaptivemaxpool1d
      global_avg_pool: globalaveragepooling2d globalaveragepooling1d adaptiveavgpool2d
      global_avg_pool: adaptiveavgpool1d globalaveragepooling3d
      batch_norm: batchnormalization batchnorm1d batchnorm2d batchnorm3d
      layer_norm: layernormalization
      group_norm: groupnormalization instancenorm2d
      simple_rnn: rnn vanillarnn elman
      lstm: lstmcell lstmlayer bilstm
      gru: grucell grulayer
      multi_head_attention: multiheadattention attention
      transformer_encoder: transformerencoderlayer transformer
      upsample: upsampling2d upsampling1d
      zero_pad: zeropadding2d zeropadding1d pad
      crop: cropping2d cropping1d centercrop
      repeat: repeatvector
      concat: concatenate cat merge
      factor: degrees angle maxangle
      random_flip: randomhorizontalflip randomverticalflip randomleftrightflip fliplr hflip vflip
      random_rotation: randomrotate rotate rotation
      random_translation: randomshift randomaffine translate
      random_zoom: randomscale
      random_crop: randomcropping
      random_contrast: colorjitter adjustcontrast
      spatial_dropout: dropout2d spatialdropout2d spatialdropout1d
      lambda: expression customlayer
      normalize: rescaling normalization
      expression: function formula code
      leaky_relu: lrelu
      linear: none
      sigmoid: logistic expit
      one_hot: onehotencoder dummy dummies ohe
      index: label ordinal integer labelencoder int
      standard: standardize zscore standardscaler mapstd normal
      minmax: mapminmax minmaxscaler
      unit: normalize zeroone
      mean: average avg
      constant: fill fillvalue
      cuda: gpu cuda0
      cpu: host
      columns: features fields cols
      column: field col
      length: lookback timesteps windowsize sequencelength seqlen
      order_by: sortby orderby timecolumn
      group: groupby
      stride: step shift
      classes: labels categories classnames
      offset: horizon ahead leadtime
      file_order: chronological time sequential lastrows
      file_order: noshuffle
      split: traintestsplit
      stratify: stratified stratifyby
      where: filter query condition
      alias: promote tag
      version: versionnumber
      monitor: metric
      patience: rounds
      norm: clipnorm maxnorm globalnorm
      value: clipvalue
      mode: direction
      model: modelname
      dataset: data datasetname
      training: train fit compile
      network: architecture
      inputs: input
      targets: target outputs
      outputs: output
      glorot_uniform: xavier xavieruniform
      glorot_normal: xaviernormal
      he_uniform: kaiming kaiminguniform
      he_normal: kaimingnormal
      nguyen_widrow: initnw
      """;

  /** A name elsewhere, then what to write here when no name at that place means it. */
  private static final String SENTENCES =
      """
      f1macro f1micro f1weighted precisionmacro recallmacro: write {"type": "f1", "average": "macro"}; precision and recall take 'average' too
      specificity truenegativerate tnr selectivity: 'balanced_accuracy' is the mean of it and of recall, for two classes
      jaccard iou meaniou: write {"type": "f1"}: IoU is f1 / (2 - f1)
      randombrightness randomhue randomsaturation randomgrayscale gaussianblur: 'random_contrast' and 'gaussian_noise' change colors at random
      randomresizedcrop: write {"type": "random_crop", "height": 24, "width": 24} behind {"type": "random_zoom", "height_factor": 0.2}
      heightshiftrange widthshiftrange rotationrange zoomrange horizontalflip: add a layer {"type": "random_translation"}, random_rotation, random_zoom or random_flip
      kappa cohenkappa cohenkappascore: 'mcc' corrects for chance as well
      confusionmatrix: leave it out: every version with a class has its confusion matrix
      explainedvariance evs: 'r2' is the same without a constant error
      medianabsoluteerror maxerror: write {"type": "expression", "name": "error", "expression": "abs(y_pred - y_true)"}
      learningrate lr: it belongs to 'optimizer': {"type": "adam", "learning_rate": 0.001}
      momentum nesterov: it belongs to 'optimizer': {"type": "sgd", "momentum": 0.9}
      weightdecay: it belongs to 'optimizer': {"type": "adamw", "weight_decay": 0.01}
      betas: write "beta_1": 0.9, "beta_2": 0.999
      ftrl lamb adafactor muon: the closest here is 'adamw'
      useema: write "ema": {"decay": 0.99}
      warmupepochs warmup: it belongs to 'learning_rate_schedule': {"type": "cosine", "warmup_epochs": 2}
      float16 fp16 half f16 mixedfloat16: use 'bfloat16', which has the range of float32
      reducelronplateau: write "learning_rate_schedule": {"type": "reduce_on_plateau"}
      lrdecay: write "learning_rate_schedule": {"type": "exponential", "factor": 0.95}
      trainoss traincgb: the closest here is 'conjugate_gradient', or 'lbfgs' for many weights
      bcewithlogitsloss bcewithlogits: write {"type": "binary_crossentropy", "from_logits": true}
      multimarginloss marginrankingloss tripletmarginloss ctcloss: the closest here is {"type": "expression", "expression": "mean((y_pred - y_true)^2)"}
      posweight scaleposweight: write "class_weights": "balanced", or weights by label in 'training'
      validationsplit valsplit testsize: it belongs to 'dataset': "split": {"validation": 0.2}
      validationdata: name it in 'dataset': "validation_dataset": {"name": "other"}
      validation test: it belongs to 'split' of 'dataset': "split": {"validation": 0.2}
      train trainsize: leave it out: what validation and test leave is for training
      callbacks patience: write "early_stopping": {"monitor": "val_loss", "patience": 10}
      restorebestweights savebestonly: leave it out and write "publish": "best" in 'training'
      verbose: leave it out: the job's events report every epoch
      clipnorm gradclip gradientclip maxgradnorm: write "gradient_clipping": {"norm": 1}
      clipvalue: write "gradient_clipping": {"value": 1}
      dropout: add a layer {"type": "dropout", "rate": 0.5}
      batchnorm: add a layer {"type": "batch_norm"}
      flattened: add a layer {"type": "flatten"}
      inputshape inputdim inputsize batchinputshape infeatures inchannels: leave it out: shapes follow from 'inputs'
      numfeatures normalizedshape numchannels: leave it out: shapes follow from the layer before
      input inputlayer featureinputlayer imageinputlayer: leave it out: the model's 'inputs' are the input layers
      bidirectional: write "bidirectional": true in the lstm, gru or simple_rnn itself
      timedistributed: leave it out: dense works on the last axis of any input
      sequential functional: leave it out: 'layers' is the sequence
      relu relulayer: it is an activation: write {"type": "activation", "function": "relu"}, or give a layer "activation": "relu"
      sigmoid logsig sigmoidlayer: it is an activation: write {"type": "activation", "function": "sigmoid"}, or give a layer "activation": "sigmoid"
      tanh tansig tanhlayer: it is an activation: write {"type": "activation", "function": "tanh"}, or give a layer "activation": "tanh"
      softmax softmaxlayer: it is an activation: write {"type": "activation", "function": "softmax"}, or give a layer "activation": "softmax"
      elu elulayer: it is an activation: write {"type": "activation", "function": "elu"}, or give a layer "activation": "elu"
      selu: it is an activation: write {"type": "activation", "function": "selu"}, or give a layer "activation": "selu"
      gelu gelulayer: it is an activation: write {"type": "activation", "function": "gelu"}, or give a layer "activation": "gelu"
      silu swish swishlayer: it is an activation: write {"type": "activation", "function": "silu"}, or give a layer "activation": "silu"
      mish: it is an activation: write {"type": "activation", "function": "mish"}, or give a layer "activation": "mish"
      softplus softpluslayer: it is an activation: write {"type": "activation", "function": "softplus"}, or give a layer "activation": "softplus"
      logsoftmax: it is an activation: write {"type": "activation", "function": "log_softmax"}, or give a layer "activation": "log_softmax"
      purelin: it is an activation: write {"type": "activation", "function": "linear"}, or give a layer "activation": "linear"
      leakyrelu leakyrelulayer: it is an activation: write {"type": "activation", "function": "leaky_relu"}, or give a layer "activation": "leaky_relu"
      activityregularizer: write "regularizer": {"activity_l2": 0.01}
      biasregularizer: leave it out: regularizers act on kernels
      l1: write "regularizer": {"l1": 0.01}
      l2: write "regularizer": {"l2": 0.01}
      batchfirst: leave it out: sequences are [steps, features]
      returnstate stateful: leave it out: each sequence starts at zero
      maskzero: leave it out: sequences have one length here
      recurrentdropout: leave it out: 'dropout' acts between stacked layers
      nonlinearity transferfcn: write "activation": "relu"
      standardize: give an input "scale": "standard"
      numpyarray array: upload the data and name it in 'dataset'
      gaussian: write "scale": "standard"
      drop dropna: leave rows out with 'where' of 'dataset': "a IS NOT NULL"
      zero zeros: write {"constant": 0}
      ffill forwardfill interpolate: fill such gaps before the upload, or impute 'median'
      robust: it is a scale of an input: "scale": "robust"
      quantile: it is a scale of an input, "scale": "quantile", and a loss, {"type": "quantile", "q": 0.9}
      maxabs: write "scale": "minmax"
      """;

  private static final Map<String, List<String>> OURS = new HashMap<>();
  private static final Map<String, String> ADVICE = new HashMap<>();

  static {
    for (String line : NAMES.lines().toList()) {
      String[] parts = line.split(": ", 2);
      for (String theirs : parts[1].split(" ", -1)) {
        OURS.computeIfAbsent(NameAdvice.plain(theirs), _ -> new ArrayList<>()).add(parts[0]);
      }
    }
    for (String line : SENTENCES.lines().toList()) {
      String[] parts = line.split(": ", 2);
      for (String theirs : parts[0].split(" ", -1)) {
        ADVICE.put(theirs, parts[1]);
      }
    }
  }

  private ForeignNames() {}

  /** Names here that a name elsewhere may mean. */
  static List<String> ours(String plain) {
    return OURS.getOrDefault(plain, List.of());
  }

  static Optional<String> sentence(String plain) {
    return Optional.ofNullable(ADVICE.get(plain));
  }
}
