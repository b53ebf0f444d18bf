package io.trainyard.inspect.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.TestProcess;
import io.trainyard.dataset.grid.GridAxis;
import io.trainyard.inspect.plot.LinePlot.Series;
import io.trainyard.inspect.plot.LinePlot.Style;
import io.trainyard.train.EpochRecord;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jfree.chart.ChartRenderingInfo;
import org.jfree.chart.JFreeChart;
import org.jfree.data.xy.XYDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;

/** Pictures show the numbers of their JSON, on any machine and to any eye. */
class PictureTest {
  private static final LinePlot LINES =
      new LinePlot(
          "curves",
          "loss by epoch",
          "epoch",
          "loss <of> \"all\"",
          true,
          List.of(
              new Series("training", Style.LINE, new double[] {1, 2, 3}, new double[] {3, 2, 1.5}),
              new Series(
                  "validation", Style.LINE, new double[] {1, 3}, new double[] {3, Double.NaN}),
              new Series("rows", Style.POINTS, new double[] {2}, new double[] {2}),
              new Series("chance", Style.GUIDE, new double[] {1, 3}, new double[] {1, 1})));

  private static final GridPlot GRID =
      new GridPlot(
          "boundary",
          "Decision",
          new GridAxis("a", new double[] {0, 1, 2}),
          new GridAxis("b", new double[] {10, 20}),
          List.of("no", "yes"),
          new double[][] {{0, 1, 1}, {1, 0, 0}},
          "kind",
          List.of(),
          List.of());

  private static BufferedImage image(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  @Test
  void linesOfTheChartAreTheNumbersOfTheJson() {
    XYDataset drawn = LINES.chart().getXYPlot().getDataset();
    JsonNode json = LINES.toJson();
    assertThat(drawn.getSeriesCount()).isEqualTo(4).isEqualTo(json.get("series").size());
    for (int i = 0; i < drawn.getSeriesCount(); i++) {
      JsonNode series = json.get("series").get(i);
      assertThat(drawn.getSeriesKey(i).toString()).isEqualTo(series.get("name").stringValue());
      assertThat(drawn.getItemCount(i)).isEqualTo(series.get("x").size());
      for (int k = 0; k < drawn.getItemCount(i); k++) {
        assertThat(series.get("x").get(k).asString())
            .isEqualTo(String.valueOf(drawn.getXValue(i, k)));
        assertThat(series.get("y").get(k).asString())
            .isEqualTo(String.valueOf(drawn.getYValue(i, k)));
      }
    }
    assertThat(json.at("/series/1/y/1").stringValue()).isEqualTo("NaN");
  }

  /** The middle of every cell has the colour of its value. */
  @Test
  void cellsOfAGridHaveTheColoursOfTheirValues() {
    double[][] numbers = {{-1, 0, 1}, {2, 3, 4}};
    GridPlot surface =
        new GridPlot(
            "surface", "s", GRID.x(), GRID.y(), List.of(), numbers, "z", List.of(), List.of());
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        double x = GRID.x().values()[column];
        double y = GRID.y().values()[row];
        assertThat(colourAt(GRID, x, y)).isEqualTo(Charts.pale((int) GRID.values()[row][column]));
        Color wanted = (Color) Charts.scale(-1, 4).getPaint(numbers[row][column]);
        assertThat(colourAt(surface, x, y)).as(x + ", " + y).isEqualTo(wanted);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void cellsOfAMatrixHaveTheColoursOfTheirValues(int side) {
    double[][] values = new double[side][side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        values[row][column] = row * 2 + column;
      }
    }
    List<String> names = IntStream.range(0, side).mapToObj(String::valueOf).toList();
    MatrixPlot plot =
        new MatrixPlot("weights", "w", "input", "unit", names, names, values, "weight", false);
    for (int row = 0; row < side; row += side / 3) {
      for (int column = 0; column < side; column += side / 3) {
        Color wanted = (Color) Charts.scale(0, 3 * side - 3).getPaint(row * 2 + column);
        // Beside the number that is written in the middle.
        assertThat(colourAt(plot, column - 0.3, row - 0.3)).isEqualTo(wanted);
      }
    }
    assertThat(plot.toJson().at("/values/1/2").doubleValue()).isEqualTo(4);
  }

  private static Color colourAt(Plot plot, double x, double y) {
    BufferedImage image = new BufferedImage(900, 700, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    ChartRenderingInfo info = new ChartRenderingInfo();
    JFreeChart chart = plot.chart();
    chart.draw(graphics, new Rectangle2D.Double(0, 0, 900, 700), info);
    graphics.dispose();
    Rectangle2D area = info.getPlotInfo().getDataArea();
    var axes = chart.getXYPlot();
    double px = axes.getDomainAxis().valueToJava2D(x, area, axes.getDomainAxisEdge());
    double py = axes.getRangeAxis().valueToJava2D(y, area, axes.getRangeAxisEdge());
    return new Color(image.getRGB((int) px, (int) py));
  }

  @Test
  void aPngHasTheSizeThatWasAskedFor() throws IOException {
    BufferedImage image = image(new Picture(640, 300).png(LINES));
    assertThat(image.getWidth()).isEqualTo(640);
    assertThat(image.getHeight()).isEqualTo(300);
    assertThatThrownBy(() -> new Picture(199, 300)).hasMessageContaining("between 200 and 2000");
    assertThatThrownBy(() -> new Picture(300, 2001)).hasMessageContaining("between 200 and 2000");
  }

  @Test
  void anSvgIsWholeAndNamesWhatItShows() throws Exception {
    for (Plot plot : new Plot[] {LINES, GRID}) {
      boolean lines = plot instanceof LinePlot;
      byte[] svg = new Picture(800, 600).svg(plot);
      String text = new String(svg, StandardCharsets.UTF_8);
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg));
      assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
      assertThat(document.getDocumentElement().getAttribute("width")).isEqualTo("800");
      assertThat(text).contains(lines ? ">loss by epoch<" : ">Decision<");
      assertThat(text).contains(lines ? ">validation<" : ">yes<");
      assertThat(text).contains("sans-serif").doesNotContain("href=\"file");
      if (!lines) {
        assertThat(text).contains("data:image/png;base64,");
      }
    }
  }

  @Test
  void aContourLiesWhereTheSignChanges() {
    double[] side = IntStream.range(0, 41).mapToDouble(i -> -2 + i * 0.1).toArray();
    double[][] plane = new double[41][41];
    double[][] bowl = new double[41][41];
    for (int row = 0; row < 41; row++) {
      for (int column = 0; column < 41; column++) {
        plane[row][column] = side[column] + 2 * side[row] - 0.55;
        bowl[row][column] = side[column] * side[column] + side[row] * side[row] - 1;
      }
    }
    List<double[]> line = Contours.of(side, side, plane);
    assertThat(line).isNotEmpty();
    for (double[] each : line) {
      assertThat(each[0] + 2 * each[1]).isCloseTo(0.55, within(1e-12));
      assertThat(each[2] + 2 * each[3]).isCloseTo(0.55, within(1e-12));
    }
    double length = 0;
    for (double[] each : Contours.of(side, side, bowl)) {
      assertThat(Math.hypot(each[0], each[1])).isCloseTo(1, within(5e-3));
      length += Math.hypot(each[2] - each[0], each[3] - each[1]);
    }
    assertThat(length).isCloseTo(2 * Math.PI, within(0.02));
    assertThat(Contours.of(side, side, new double[41][41])).isEmpty();
  }

  @Test
  void longCurvesKeepTheirEndsAndAThousandEpochs() {
    for (int count : new int[] {1, 1000, 1001, 4322}) {
      JobPlots.Epochs epochs = new JobPlots.Epochs();
      for (int i = 1; i <= count; i++) {
        epochs.add(new EpochRecord(i, "", Map.of("loss", 1.0 / i), 0.1, 0.1));
      }
      double[] x = JobPlots.curves(epochs, "loss").series().getFirst().x();
      assertThat(x[0]).isEqualTo(1);
      assertThat(x[x.length - 1]).isEqualTo(count);
      assertThat(x.length).isBetween(Math.min(count, 500), 1001);
      // But for the last one, all are as far from each other.
      for (int i = 2; i + 1 < x.length; i++) {
        assertThat(x[i] - x[i - 1]).isEqualTo(x[1] - x[0]);
      }
    }
  }

  /** Source of the matrices: Machado, Oliveira and Fernandes 2009. */
  @Test
  void everyEyeTellsTheColoursApart() {
    double[][][] eyes = {
      {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
      {
        {0.152286, 1.052583, -0.204868},
        {0.114503, 0.786281, 0.099216},
        {-0.003882, -0.048116, 1.051998}
      },
      {
        {0.367322, 0.860646, -0.227968},
        {0.280085, 0.672501, 0.047413},
        {-0.011820, 0.042940, 0.968881}
      },
    };
    for (double[][] eye : eyes) {
      for (int a = 0; a < 4; a++) {
        for (int b = 0; b < a; b++) {
          assertThat(distance(seen(Charts.color(a), eye), seen(Charts.color(b), eye)))
              .as(a + " and " + b)
              .isGreaterThan(40);
        }
      }
      double last = -1;
      for (double share = 0; share <= 1; share += 0.1) {
        double[] color = seen(Charts.cividis(share), eye);
        double light = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2];
        assertThat(light).isGreaterThan(last);
        last = light;
      }
    }
  }

  private static double[] seen(Color color, double[][] eye) {
    double[] rgb = {color.getRed(), color.getGreen(), color.getBlue()};
    double[] seen = new double[3];
    for (int i = 0; i < 3; i++) {
      seen[i] = eye[i][0] * rgb[0] + eye[i][1] * rgb[1] + eye[i][2] * rgb[2];
    }
    return seen;
  }

  private static double distance(double[] a, double[] b) {
    return Math.sqrt(
        Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2) + Math.pow(a[2] - b[2], 2));
  }

  /** Writes a picture to the file that its argument names. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      System.setProperty("java.awt.headless", "true");
      Files.write(Path.of(args[0]), new Picture(800, 600).png(LINES));
    }
  }

  /** As in a slim image, which has neither a display nor fonts. */
  @Test
  void textIsDrawnOnAMachineWithoutFonts(@TempDir Path folder) throws Exception {
    Path none = folder.resolve("fonts.conf");
    Files.writeString(none, "<fontconfig><cachedir>" + folder + "</cachedir></fontconfig>");
    Path png = folder.resolve("picture.png");
    ProcessBuilder program =
        TestProcess.of(List.of("-Duser.home=" + folder), Program.class, png.toString());
    program.environment().put("FONTCONFIG_FILE", none.toString());
    program.environment().remove("DISPLAY");
    File log = folder.resolve("log").toFile();
    Process process = program.redirectErrorStream(true).redirectOutput(log).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log.toPath())).isZero();
    assertThat(image(Files.readAllBytes(png)).getData().getPixels(0, 0, 800, 40, (int[]) null))
        .isEqualTo(
            image(new Picture(800, 600).png(LINES))
                .getData()
                .getPixels(0, 0, 800, 40, (int[]) null));
    List<Integer> dark = new ArrayList<>();
    BufferedImage image = image(Files.readAllBytes(png));
    for (int x = 300; x < 500; x++) {
      for (int y = 5; y < 35; y++) {
        if ((image.getRGB(x, y) & 255) < 100) {
          dark.add(x);
        }
      }
    }
    assertThat(dark.size()).isGreaterThan(100);
  }
}
