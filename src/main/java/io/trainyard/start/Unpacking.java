package io.trainyard.start;

import io.trainyard.engine.natives.NativeLibraries;
import io.trainyard.onnx.OnnxRuntime;
import io.trainyard.store.file.DriverLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Unpacks all native libraries into a folder and ends, as in {@code unpack /app/natives}, so that
 * an image contains them. They are then found by {@code trainyard.engine.cache-dir}.
 */
public final class Unpacking {
  private static final String COMMAND = "unpack";

  /** Nothing is computed. */
  private static final long MEMORY = 1 << 20;

  private Unpacking() {}

  public static boolean isAsked(String[] args) {
    return args.length == 2 && args[0].equals(COMMAND);
  }

  public static void run(String[] args) {
    Path folder = Path.of(args[1]).toAbsolutePath();
    NativeLibraries.load(folder);
    DriverLibrary.unpackInto(folder);
    try {
      DriverLibrary.prepare();
    } catch (IOException e) {
      throw new UncheckedIOException("DuckDB's library cannot be unpacked", e);
    }
    new OnnxRuntime(folder, MEMORY).unpack();
  }
}
