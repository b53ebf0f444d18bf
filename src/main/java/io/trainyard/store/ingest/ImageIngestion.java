package io.trainyard.store.ingest;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetContent.Reject;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.table.ParquetAppender;
import io.trainyard.store.table.Rejects;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/**
 * Converts a zipped folder of PNG and JPEG images to Parquet: column {@code image} [height, width,
 * channels] with values from 0 to 255, and column {@code label}, the folder of the image. Sizes are
 * limited before anything is unpacked.
 */
final class ImageIngestion {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_FILE = 64 << 20;

  private final Path source;
  private final IngestOptions options;
  private final Rejects rejects;
  private final List<ImageHeader> images = new ArrayList<>();

  ImageIngestion(Path source, IngestOptions options, Rejects rejects) {
    this.source = source;
    this.options = options;
    this.rejects = rejects;
  }

  IngestedTable ingest(DuckDb duck, Path parquet) throws IOException {
    try (ZipFile zip = new ZipFile(source.toFile())) {
      scan(zip);
      rejects.throwIfRefused();
      if (images.isEmpty()) {
        throw refused("There are no PNG or JPEG images in the archive");
      }
      Shape shape = shape();
      boolean labelled = images.stream().anyMatch(image -> image.label() != null);
      List<IngestedTable.Entry> columns = new ArrayList<>();
      columns.add(new IngestedTable.Entry("image", ColumnType.TENSOR, shape, true));
      if (labelled) {
        columns.add(new IngestedTable.Entry("label", ColumnType.STRING, null, false));
      }
      try (ParquetAppender table = new ParquetAppender(duck, columns)) {
        for (ImageHeader image : images) {
          RunningTask.checkCancelled();
          write(zip, image, shape, labelled, table);
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
    // The order in an archive depends on the program that packed it.
    files.sort(Comparator.comparing(ZipEntry::getName));
    for (int i = 0; i < files.size(); i++) {
      RunningTask.checkCancelled();
      String name = files.get(i).getName();
      try {
        images.add(ImageHeader.read(name, bytes(zip, name)));
      } catch (BadImageException e) {
        rejects.add("", "Image " + (i + 1), new Reject(i + 1L, null, name + ": " + e.getMessage()));
      }
    }
  }

  private static boolean isHidden(String name) {
    return name.startsWith("__MACOSX/")
        || name.substring(name.lastIndexOf('/') + 1).startsWith(".");
  }

  /** Unpacks an entry, up to the largest size of an image. */
  private static byte[] bytes(ZipFile zip, String name) throws IOException, BadImageException {
    try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
      byte[] bytes = in.readNBytes(MAX_FILE + 1);
      if (bytes.length > MAX_FILE) {
        throw new BadImageException("it is larger than " + (MAX_FILE >> 20) + " MiB");
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new BadImageException("it cannot be unpacked: " + e.getMessage());
    }
  }

  private Shape shape() {
    int channels = images.stream().mapToInt(ImageHeader::channels).max().orElse(1);
    if (!options.image().isEmpty()) {
      return Shape.of(options.image().getFirst(), options.image().getLast(), channels);
    }
    ImageHeader first = images.getFirst();
    for (ImageHeader image : images) {
      if (image.height() != first.height() || image.width() != first.width()) {
        throw refused(
            "Images have different sizes: '"
                + first.name()
                + "' "
                + first.height()
                + " × "
                + first.width()
                + ", '"
                + image.name()
                + "' "
                + image.height()
                + " × "
                + image.width()
                + "; the option 'image' (height x width) resizes them");
      }
    }
    return Shape.of(first.height(), first.width(), channels);
  }

  private static void write(
      ZipFile zip, ImageHeader image, Shape shape, boolean labelled, ParquetAppender table)
      throws IOException {
    BufferedImage decoded;
    try {
      decoded = ImageIO.read(new ByteArrayInputStream(bytes(zip, image.name())));
    } catch (BadImageException | IOException | RuntimeException e) {
      throw refused("File '" + image.name() + "' cannot be decoded: " + e.getMessage());
    }
    if (decoded == null) {
      throw refused("File '" + image.name() + "' cannot be decoded");
    }
    table.beginRow();
    table.appendTensor(ImagePixels.of(decoded, shape));
    if (labelled) {
      if (image.label() == null) {
        table.appendNull();
      } else {
        table.appendString(image.label());
      }
    }
    table.endRow();
  }
}
