package io.aiopslab.tasks.worker.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Objects;
import org.springframework.util.FileSystemUtils;

/**
 * Deletes a directory and all in it, and nothing else: where the system can say "in that directory"
 * instead of by a path, also while a run of the same user puts a link in the place of a directory.
 */
final class DeleteTree {
  private DeleteTree() {}

  static void delete(Path directory) throws IOException {
    Path parent = Objects.requireNonNull(directory.toAbsolutePath().getParent());
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent)) {
      if (stream instanceof SecureDirectoryStream<Path> secure) {
        delete(secure, directory.getFileName());
      } else {
        FileSystemUtils.deleteRecursively(directory);
      }
    } catch (NoSuchFileException e) {
      if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  private static void delete(SecureDirectoryStream<Path> parent, Path name) throws IOException {
    BasicFileAttributeView view =
        parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!view.readAttributes().isDirectory()) {
      parent.deleteFile(name);
      return;
    }
    try (SecureDirectoryStream<Path> inside =
        parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      for (Path each : inside) {
        delete(inside, each.getFileName());
      }
    }
    parent.deleteDirectory(name);
  }
}
