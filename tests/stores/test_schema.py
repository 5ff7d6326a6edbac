from tests import schema


def test_the_picture_of_the_schema_is_what_the_migrations_make(database) -> None:
    drawn = schema.drawn(database.admin_url)

    assert drawn == schema.PICTURE.read_text(), "run `make schema`"
