package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetContent.Reject;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ServiceException;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.table.ColumnChunk;
import io.trainyard.store.table.Rejects;
import io.trainyard.store.table.WideParquet;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.image.BadImageException;
import io.trainyard.tensor.image.ImageDecoder;
import io.trainyard.tensor.image.ImageHeader;
import io.trainyard.tensor.image.ImageMemory;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Converts a zipped folder of PNG and JPEG images to Parquet: column {@code image} [height, width,
 * channels] with values from 0 to 255, and column {@code label}, the folder of the image. All sizes
 * are checked before any image is inflated as a whole; then each is inflated and decoded once.
 */
final class ImageIngestion {
  /** A larger entry that shrinks more than this was made to fill memory: images don't compress. */
  private static final long MAX_RATIO = 200;

  private static final long SMALL = 1 << 20;

  /** How many times larger than the largest upload all decoded images may be together. */
  private static final long MAX_EXPANSION = 16;

  private final Path source;
  private final IngestOptions options;
  private final Rejects rejects;
  private final ImageMemory memory;
  private final ArchiveProperties archive;
  private final long largest;
  private final List<Image> images = new ArrayList<>();

  /** An image of the archive, counted from 1, and its folder. */
  private record Image(
      int number, ZipDirectory.Entry entry, @Nullable String label, ImageHeader header) {
    String name() {
      return entry.name();
    }
  }

  /**
   * Prepares an ingestion.
   *
   * @param largest the most bytes of all inflated files, and of all rows at one byte per value
   */
  ImageIngestion(
      Path source, IngestOptions options, Rejects rejects, ImageLimits limits, long largest) {
    this.source = source;
    this.options = options;
    this.rejects = rejects;
    this.memory = limits.memory();
    this.archive = limits.archive();
    this.largest = largest;
  }

  IngestedTable ingest(DuckDb duck, Path parquet) throws IOException {
    try (ZipArchive zip = ZipArchive.open(source, archive.maxEntries())) {
      scan(zip);
      rejects.throwIfRefused();
      requireImages(images.size());
      Shape shape = shape();
      checkTotals(shape);
      boolean labelled = images.stream().anyMatch(image -> image.label() != null);
      List<IngestedTable.Entry> columns = new ArrayList<>();
      columns.add(new IngestedTable.Entry("image", ColumnType.TENSOR, shape, true));
      if (labelled) {
        columns.add(new IngestedTable.Entry("label", ColumnType.STRING, null, false));
      }
      try (WideParquet table = new WideParquet(duck, columns, parquet)) {
        int written = 0;
        for (Image image : images) {
          RunningTask.checkCancelled();
          written += write(zip, image, shape, labelled, table) ? 1 : 0;
        }
        requireImages(written);
        return table.finish(rejects.count());
      }
    } catch (ZipException e) {
      throw ServiceException.invalidRows("The archive cannot be read: " + e.getMessage());
    }
  }

  private static void requireImages(int count) {
    if (count == 0) {
      throw ServiceException.invalidRows("There are no PNG or JPEG images in the archive");
    }
  }

  private void scan(ZipArchive zip) throws IOException {
    List<ZipDirectory.Entry> files =
        new ArrayList<>(
            zip.entries().stream()
                .filter(entry -> !entry.isFolder() && !isHidden(entry.name()))
                .toList());
    // The order in an archive depends on the program that packed it.
    files.sort(Comparator.comparing(ZipDirectory.Entry::name));
    checkInflated(files);
    for (int i = 0; i < files.size(); i++) {
      RunningTask.checkCancelled();
      ZipDirectory.Entry entry = files.get(i);
      try {
        images.add(new Image(i + 1, entry, label(entry.name()), header(zip, entry)));
      } catch (BadImageException e) {
        reject(i + 1, entry, e);
      }
    }
  }

  private static boolean isHidden(String name) {
    return name.startsWith("__MACOSX/")
        || name.substring(name.lastIndexOf('/') + 1).startsWith(".");
  }

  /** The innermost folder of a path. */
  private static @Nullable String label(String name) {
    int end = name.lastIndexOf('/');
    return end <= 0 ? null : name.substring(name.lastIndexOf('/', end - 1) + 1, end);
  }

  private void reject(int number, ZipDirectory.Entry entry, BadImageException fault) {
    String reason = entry.name() + ": " + fault.getMessage();
    rejects.add("", "Image " + number, "", new Reject((long) number, null, reason));
  }

  private void checkInflated(List<ZipDirectory.Entry> files) {
    long inflated = 0;
    for (ZipDirectory.Entry entry : files) {
      boolean small = entry.bytes() <= archive.maxEntry().toBytes();
      if (small && entry.bytes() > SMALL && entry.bytes() / MAX_RATIO > entry.compressed()) {
        throw ServiceException.invalidRows(
            "File '%s' inflates from %d to %d bytes; at most %d times as many are allowed"
                .formatted(entry.name(), entry.compressed(), entry.bytes(), MAX_RATIO));
      }
      inflated += small ? entry.bytes() : 0;
      if (inflated > largest) {
        throw ServiceException.invalidRows(
            "The files inflate to more than %d bytes (trainyard.datasets.max-upload); '%s' is the"
                    .formatted(largest, entry.name())
                + " first beyond");
      }
    }
  }

  private ImageHeader header(ZipArchive zip, ZipDirectory.Entry entry)
      throws IOException, BadImageException {
    long most = archive.maxEntry().toBytes();
    if (entry.bytes() > most) {
      throw new BadImageException("it is larger than " + (most >> 20) + " MiB");
    }
    try (InputStream in = new BufferedInputStream(zip.open(entry))) {
      return ImageHeader.read(in);
    } catch (ZipException | EOFException e) {
      throw new BadImageException("it cannot be unpacked: " + e.getMessage());
    }
  }

  private Shape shape() {
    int channels = images.stream().mapToInt(image -> image.header().channels()).max().orElse(1);
    if (!options.image().isEmpty()) {
      return Shape.of(options.image().getFirst(), options.image().getLast(), channels);
    }
    ImageHeader first = images.getFirst().header();
    for (Image image : images) {
      ImageHeader header = image.header();
      if (header.height() != first.height() || header.width() != first.width()) {
        throw ServiceException.invalidRows(
            "Images have different sizes: '%s' %d × %d, '%s' %d × %d; the option 'image' (height x"
                    .formatted(
                        images.getFirst().name(),
                        first.height(),
                        first.width(),
                        image.name(),
                        header.height(),
                        header.width())
                + " width) resizes them");
      }
    }
    return Shape.of(first.height(), first.width(), channels);
  }

  /** A small file can decode to a large image, and a small image can be resized to a large one. */
  private void checkTotals(Shape shape) {
    long values = Math.multiplyExact(shape.elements(), (long) images.size());
    if (values > largest) {
      throw ServiceException.invalidRows(
          "The rows have %d values in all; at most %d are allowed (trainyard.datasets.max-upload)"
              .formatted(values, largest));
    }
    long decoded = 0;
    for (Image image : images) {
      decoded += image.header().decoderBytes();
      if (decoded / MAX_EXPANSION > largest) {
        throw ServiceException.invalidRows(
            "The images decode to more than %d times %d bytes (trainyard.datasets.max-upload); '%s'"
                    .formatted(MAX_EXPANSION, largest, image.name())
                + " is the first beyond");
      }
    }
  }

  /** Writes the row of an image; false if it was rejected. */
  private boolean write(
      ZipArchive zip, Image image, Shape shape, boolean labelled, WideParquet table)
      throws IOException {
    long needed = image.header().memory(image.entry().bytes(), shape);
    try (ImageMemory.Held _ = memory.hold(needed)) {
      byte[] file = zip.read(image.entry());
      byte[] pixels = ImageDecoder.decode(image.header(), file, shape);
      table.tensor(0).add(pixels, 0);
      if (labelled) {
        addLabel(image, table.column(1));
      }
      table.endRows(1);
      return true;
    } catch (BadImageException e) {
      reject(image.number(), image.entry(), e);
      rejects.throwIfRefused();
      return false;
    }
  }

  private static void addLabel(Image image, ColumnChunk labels) {
    if (image.label() == null) {
      labels.addMissing();
    } else {
      labels.addText(image.label().getBytes(StandardCharsets.UTF_8));
    }
  }
}
