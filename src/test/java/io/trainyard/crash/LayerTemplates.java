package io.trainyard.crash;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How layers of each type are written, with places that {@link Draw} fills: {@code $X} is drawn, a
 * small letter keeps its value within a network, and {@code (...)?} is left out in half of all
 * cases. {@code LayerTypesTest} checks that no type is missing.
 */
public final class LayerTemplates {
  private static final Map<String, Template> TEMPLATES = new TreeMap<>();

  private static final String ANY = "$c | $m,$c | $m,$n,$c | $m,$n,$o,$c";
  private static final String IMAGES = "$m,$c | $m,$n,$c | $m,$n,$o,$c";
  private static final String PAIRS =
      "$c;$c | $m,$c;$m,$c | $m,$n,$c;$m,$n,$c | $m,$n,$o,$c;$m,$n,$o,$c";
  private static final String MANY = PAIRS + " | $m,$c;$m,$c;$m,$c | $m,$n,$c;$m,$n,$c;$m,$n,$c";

  private static final String WEIGHTED =
      "(,'regularizer':$R)?(,'constraint':{'max_norm':0.5})?(,'initializer':$I)?";
  private static final String CONVOLVED =
      "(,'strides':$T)?(,'dilation':$T)?(,'padding':$P)?(,'bias':false)?(,'activation':$A)?"
          + WEIGHTED;

  static {
    weighted(
        "dense", ANY, "'units':$F(,'activation':$A)?(,'bias':false)?(,'parametrization':'ntk')?");
    plain("feature_scale", ANY, "");
    plain("periodic_embedding", "$c", "'frequencies':$F(,'dim':3)?(,'sigma':1)?");
    plain(NetworkText.LAST, "$m,1", "");
    plain("ensemble_dense", "$c | $m,$c", "'units':$F,'members':$m(,'scaling':'normal')?");
    plain("activation", ANY, "'function':$A");
    plain("dropout", ANY, "'rate':$U");
    plain("flatten", ANY, "");
    List<String> images = List.of("$m,$c", "$m,$n,$c", "$m,$n,$o,$c");
    for (int axes = 1; axes <= 3; axes++) {
      String rows = images.get(axes - 1);
      formatted(
          "conv" + axes + "d", rows, "'filters':$F,'kernel_size':$K(,'groups':$G)?" + CONVOLVED);
      formatted("max_pool" + axes + "d", rows, "'pool_size':$K(,'strides':$T)?(,'padding':$P)?");
      formatted("avg_pool" + axes + "d", rows, "'pool_size':$K(,'strides':$T)?(,'padding':$P)?");
    }
    formatted(
        "conv2d_transpose",
        "$m,$n,$c",
        "'filters':$F,'kernel_size':$K(,'groups':$G)?(,'output_padding':1)?" + CONVOLVED);
    formatted(
        "depthwise_conv2d", "$m,$n,$c", "'kernel_size':$K(,'depth_multiplier':$G)?" + CONVOLVED);
    formatted(
        "separable_conv2d",
        "$m,$n,$c",
        "'filters':$F,'kernel_size':$K(,'depth_multiplier':$G)?" + CONVOLVED);
    formatted("global_max_pool", IMAGES, "");
    formatted("global_avg_pool", IMAGES, "");
    formatted("batch_norm", ANY, "'epsilon':0.001(,'momentum':0.5)?");
    plain("layer_norm", ANY, "'epsilon':0.001");
    formatted("group_norm", ANY, "'groups':$G");
    for (String cell : List.of("simple_rnn", "lstm", "gru")) {
      weighted(
          cell,
          "$m,$c",
          "'units':$F(,'layers':$G)?(,'bidirectional':true)?(,'return_sequences':true)?"
              + "(,'dropout':$U)?(,'go_backwards':true)?");
    }
    weighted(
        "multi_head_attention",
        "$m,$h*$k | $m,$h*$k;$n,$h*$k | $m,$h*$k;$n,$h*$k;$n,$h*$k",
        "'heads':$h,'key_dim':$k");
    weighted("transformer_encoder", "$m,$h*$k", "'heads':$h,'ff_dim':$F(,'dropout':$U)?");
    weighted("embedding", "$c | $m,$c | $m,$n,$c", "'vocabulary':$V,'dim':$F");
    formatted("spatial_dropout", IMAGES, "'rate':$U");
    plain("gaussian_noise", ANY, "'std':$U");
    String warp = "(,'fill_mode':'wrap')?(,'interpolation':'nearest')?";
    formatted("random_flip", "$m,$n,$c", "'mode':'horizontal_and_vertical'");
    formatted("random_rotation", "$m,$n,$c", "'factor':$U" + warp);
    formatted("random_translation", "$m,$n,$c", "'height_factor':$U,'width_factor':[-1,$U]" + warp);
    formatted("random_zoom", "$m,$n,$c", "'height_factor':$U(,'width_factor':[0.5,2])?");
    formatted("random_crop", "$m,$n,$c", "'height':$m,'width':1");
    formatted("random_contrast", "$m,$n,$c", "'factor':$U(,'value_range':[-1,1])?");
    plain("prelu", ANY, "");
    formatted("prelu", ANY, "'per_channel':true");
    formatted("normalize", ANY, "'mean':$L,'std':$L");
    plain("reshape", "$m*$n,$c | $m,$n,$c | $m,$n,$o,$c", "'shape':$Z");
    plain("permute", ANY, "'axes':$X");
    plain("repeat", "$c | $m,$c | $m,$n,$c", "'n':$F");
    formatted("crop", IMAGES, "'cropping':$Q");
    formatted("zero_pad", IMAGES, "'padding':$Q");
    formatted("upsample", IMAGES, "'size':$T");
    plain("slice", ANY, "'axis':$J(,'start':$G)?(,'end':-1)?");
    plain("last_step", IMAGES, "");
    plain("concat", MANY + " | $m,$c;$n,$c | $m,$c;$m,$n;$m,$o", "'axis':$J");
    plain("add", MANY, "");
    plain("subtract", PAIRS, "");
    plain("multiply", MANY, "");
    plain("average", MANY, "");
    plain("maximum", MANY, "");
    plain("matmul", "$m,$n;$n,$c | $o,$m,$n;$o,$n,$c", "");
    plain("lambda", ANY + " | $m,$c;$m,$c | $m,$c;$c,$n", "'expression':$E");
  }

  private LayerTemplates() {}

  /**
   * The layers of one type.
   *
   * @param rows alternatives for the shapes of the inputs' rows, channels last
   * @param members all but name, inputs and data format
   * @param formatted whether the layer knows a data format
   */
  public record Template(String type, List<String> rows, String members, boolean formatted) {}

  private static void plain(String type, String rows, String members) {
    add(type, rows, members, false);
  }

  private static void formatted(String type, String rows, String members) {
    add(type, rows, members, true);
  }

  private static void weighted(String type, String rows, String members) {
    add(type, rows, members + WEIGHTED, false);
  }

  private static void add(String type, String rows, String members, boolean formatted) {
    List<String> alternatives = Arrays.asList(rows.split(" \\| "));
    TEMPLATES.put(type, new Template(type, alternatives, members, formatted));
  }

  /** The types that have a template. */
  public static Set<String> types() {
    return TEMPLATES.keySet();
  }

  public static List<Template> all() {
    return List.copyOf(TEMPLATES.values());
  }
}
