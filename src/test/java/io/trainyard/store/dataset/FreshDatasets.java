package io.trainyard.store.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/** Gives each test an empty dataset store, as a parameter of the constructor. */
public final class FreshDatasets implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestDatasets.class;
  }

  @Override
  public TestDatasets resolveParameter(ParameterContext parameter, ExtensionContext context) {
    try {
      Path folder = Files.createTempDirectory("datasets");
      TestDatasets datasets = new TestDatasets(folder);
      AutoCloseable cleanUp =
          () -> {
            datasets.close();
            FileSystemUtils.deleteRecursively(folder);
          };
      context.getStore(ExtensionContext.Namespace.create(FreshDatasets.class)).put(folder, cleanUp);
      return datasets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
