package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetContent.Reject;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.table.ParquetAppender;
import io.trainyard.store.table.Rejects;
import io.trainyard.tensor.Shape;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A zipped folder of PNG and JPEG images to Parquet: column {@code image} [height, width, channels]
 * of 0 to 255, and {@code label}, the folder an image lies in. Everything is bounded before it is
 * unpacked.
 */
final class ImageIngestion {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_FILE = 64 << 20;
  private static final long MAX_PIXELS = 64L << 20;

  private final Path source;
  private final IngestOptions options;
  private final Rejects rejects;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> bad = new HashSet<>();

  ImageIngestion(Path source, IngestOptions options, Rejects rejects) {
    this.source = source;
    this.options = options;
    this.rejects = rejects;
  }

  /** An image in the archive. */
  private record Entry(String name, @Nullable String label, int height, int width, int channels) {}

  IngestedTable ingest(DuckDb duck, Path parquet) throws IOException {
    try (ZipFile zip = new ZipFile(source.toFile())) {
      scan(zip);
      rejects.throwIfRefused();
      if (entries.isEmpty()) {
        throw refused("There are no PNG or JPEG images in the archive");
      }
      Shape shape = shape();
      boolean labelled = entries.stream().anyMatch(entry -> entry.label() != null);
      List<IngestedTable.Entry> columns = new ArrayList<>();
      columns.add(new IngestedTable.Entry("image", ColumnType.TENSOR, shape, true));
      if (labelled) {
        columns.add(new IngestedTable.Entry("label", ColumnType.STRING, null, false));
      }
      try (ParquetAppender table = new ParquetAppender(duck, columns)) {
        for (Entry entry : entries) {
          write(zip, entry, shape, labelled, table);
        }
        return table.finish(parquet, rejects.count());
      }
    } catch (ZipException e) {
      throw refused("The archive cannot be read: " + e.getMessage());
    }
  }

  private static ServiceException refused(String detail) {
    return new ServiceException(ErrorCode.INVALID_ROWS, detail, List.of(new Violation("", detail)));
  }

  private void scan(ZipFile zip) throws IOException {
    if (zip.size() > MAX_ENTRIES) {
      throw refused("The archive has more than " + MAX_ENTRIES + " entries");
    }
    List<ZipEntry> files = new ArrayList<>();
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      ZipEntry entry = all.nextElement();
      if (!entry.isDirectory() && !isHidden(entry.getName())) {
        files.add(entry);
      }
    }
    // The order in an archive is an accident of who packed it.
    files.sort(Comparator.comparing(ZipEntry::getName));
    for (int i = 0; i < files.size(); i++) {
      String name = files.get(i).getName();
      try {
        entries.add(scan(name, bytes(zip, name)));
      } catch (BadImage e) {
        bad.add(name);
        rejects.add("", "Image " + (i + 1), new Reject(i + 1L, null, name + ": " + e.getMessage()));
      }
    }
  }

  private static boolean isHidden(String name) {
    return name.startsWith("__MACOSX/")
        || name.substring(name.lastIndexOf('/') + 1).startsWith(".");
  }

  /** What is wrong with one image. */
  private static final class BadImage extends Exception {
    private static final long serialVersionUID = 1L;

    BadImage(String message) {
      super(message);
    }
  }

  /** Reads an entry; what unpacks to more than an image may have is refused while unpacking. */
  private static byte[] bytes(ZipFile zip, String name) throws IOException, BadImage {
    try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
      byte[] bytes = in.readNBytes(MAX_FILE + 1);
      if (bytes.length > MAX_FILE) {
        throw new BadImage("it is larger than " + (MAX_FILE >> 20) + " MiB");
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new BadImage("it cannot be unpacked: " + e.getMessage());
    }
  }

  private static Entry scan(String name, byte[] bytes) throws IOException, BadImage {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      ImageReader reader = reader(in);
      try {
        reader.setInput(in);
        int height = reader.getHeight(0);
        int width = reader.getWidth(0);
        if ((long) height * width > MAX_PIXELS) {
          throw new BadImage("it has " + height + " × " + width + " pixels");
        }
        int bands = reader.getRawImageType(0) == null ? 3 : reader.getRawImageType(0).getNumBands();
        boolean gray = bands <= 2 && reader.getRawImageType(0) != null;
        return new Entry(name, label(name), height, width, gray ? 1 : 3);
      } catch (RuntimeException e) {
        throw new BadImage("it cannot be decoded: " + e.getMessage());
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw new BadImage("it cannot be decoded: " + e.getMessage());
    }
  }

  private static ImageReader reader(ImageInputStream in) throws IOException, BadImage {
    for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
      ImageReader reader = readers.next();
      String format = reader.getFormatName().toLowerCase(Locale.ROOT);
      if (format.equals("png") || format.equals("jpeg") || format.equals("jpg")) {
        return reader;
      }
    }
    throw new BadImage("it is no PNG or JPEG image");
  }

  /** The innermost folder. */
  private static @Nullable String label(String name) {
    int end = name.lastIndexOf('/');
    return end <= 0 ? null : name.substring(name.lastIndexOf('/', end - 1) + 1, end);
  }

  private Shape shape() {
    int channels = entries.stream().mapToInt(Entry::channels).max().orElse(1);
    if (!options.image().isEmpty()) {
      return Shape.of(options.image().getFirst(), options.image().getLast(), channels);
    }
    Entry first = entries.getFirst();
    for (Entry entry : entries) {
      if (entry.height() != first.height() || entry.width() != first.width()) {
        throw refused(
            "Images have different sizes: '"
                + first.name()
                + "' "
                + first.height()
                + " × "
                + first.width()
                + ", '"
                + entry.name()
                + "' "
                + entry.height()
                + " × "
                + entry.width()
                + "; the option 'image' (height x width) resizes them");
      }
    }
    return Shape.of(first.height(), first.width(), channels);
  }

  private static void write(
      ZipFile zip, Entry entry, Shape shape, boolean labelled, ParquetAppender table)
      throws IOException {
    BufferedImage image;
    try {
      image = ImageIO.read(new ByteArrayInputStream(bytes(zip, entry.name())));
    } catch (BadImage | IOException | RuntimeException e) {
      throw refused("File '" + entry.name() + "' cannot be decoded: " + e.getMessage());
    }
    if (image == null) {
      throw refused("File '" + entry.name() + "' cannot be decoded");
    }
    table.beginRow();
    table.appendTensor(pixels(resized(image, shape.axis(0), shape.axis(1)), shape));
    if (labelled) {
      if (entry.label() == null) {
        table.appendNull();
      } else {
        table.appendString(entry.label());
      }
    }
    table.endRow();
  }

  private static BufferedImage resized(BufferedImage image, int height, int width) {
    if (image.getHeight() == height && image.getWidth() == width) {
      return image;
    }
    BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = target.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return target;
  }

  private static long[] pixels(BufferedImage image, Shape shape) {
    int channels = shape.axis(2);
    long[] pixels = new long[(int) shape.elements()];
    boolean grayRaster =
        channels == 1
            && image.getRaster().getNumBands() <= 2
            && image.getSampleModel().getSampleSize(0) == 8
            && !(image.getColorModel() instanceof java.awt.image.IndexColorModel);
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (grayRaster) {
          // getRGB would bend gray values by the colour space.
          pixels[at++] = image.getRaster().getSample(x, y, 0);
          continue;
        }
        int rgb = image.getRGB(x, y);
        if (channels == 1) {
          pixels[at++] = rgb & 0xff;
        } else {
          pixels[at++] = rgb >> 16 & 0xff;
          pixels[at++] = rgb >> 8 & 0xff;
          pixels[at++] = rgb & 0xff;
        }
      }
    }
    return pixels;
  }
}
