//! How long reading and writing take here: `cargo run --release -p luoshi-office --example speed`.

use std::time::Instant;

use luoshi_office::{Caps, Cell, Fault, Format, Kind, Problem, Table, annotate, sheet};

fn main() -> Result<(), Fault> {
    for count in [5_000, 100_000] {
        let keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let mut table = keys.iter().fold(Table::new("名册"), |table, key| table.column(key, *key, Kind::Text));
        for row in 0..count {
            let cells = (0..12).map(|column| match column {
                0 => Cell::Number(row),
                1 => Cell::Date("2019-07-01".to_owned()),
                _ => Cell::Text(format!("第{row}人{column}")),
            });
            table.rows.push(cells.collect());
        }
        for format in [Format::Xlsx, Format::Csv] {
            let begun = Instant::now();
            let bytes = table.write(format)?;
            println!("{count} rows: write .{} {:?}, {} kB", format.extension(), begun.elapsed(), bytes.len() >> 10);
            let begun = Instant::now();
            let read = sheet::read_within(&bytes, "x", &Caps::default())?;
            println!("  read {:?}, {} rows", begun.elapsed(), read.rows.len());
            let begun = Instant::now();
            let mut wire = Vec::new();
            sheet::to_writer(&read, &mut wire).map_err(|error| Fault::Unwritten(error.to_string()))?;
            sheet::from_reader(wire.as_slice(), &Caps::default())?;
            println!("  to another process and back {:?}, {} kB", begun.elapsed(), wire.len() >> 10);
            let problem = |row: usize| Problem { row, column: 2, message: "不是日期".to_owned() };
            let problems: Vec<Problem> = (1..read.rows.len()).step_by(10).map(problem).collect();
            let begun = Instant::now();
            let back = annotate::xlsx(&read, 1, &problems)?;
            println!("  annotate {:?}, {} kB", begun.elapsed(), back.len() >> 10);
        }
    }
    Ok(())
}
